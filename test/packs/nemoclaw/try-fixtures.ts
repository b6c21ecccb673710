// The two kinds of fixture that the installer's scenario needs, as far as it needs them.

import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export type AppliedFixture = {
  readonly outputs: Readonly<Record<string, string>>;
  readonly restore: () => void;
};

export function applyFixture(kind: string, inputs: unknown, work: string): Promise<AppliedFixture> {
  if (kind === 'asset-server') return serveAssets(inputs as AssetInputs);
  if (kind === 'path-stub') return Promise.resolve(writeStubs(inputs as StubInputs, work));
  throw new Error(`fixtures of kind ${kind} are not tried out here`);
}

type AssetInputs = {
  readonly assets: Readonly<Record<string, { readonly from: string }>>;
  readonly checksums: Readonly<Record<string, readonly string[]>>;
  readonly faults?: readonly {
    readonly path: string;
    readonly fault: string | { readonly closeAt: number };
  }[];
};

function serveAssets({ assets, checksums, faults = [] }: AssetInputs): Promise<AppliedFixture> {
  const bytesOf = (path: string): Buffer => readFileSync(assets[path]?.from ?? '');
  const listOf = (paths: readonly string[]): string =>
    paths
      .map((path) => {
        const digest = createHash('sha256').update(bytesOf(path)).digest('hex');
        return `${digest}  ${path.split('/').at(-1) ?? ''}\n`;
      })
      .join('');
  const server = createServer(({ url = '' }, response) => {
    const paths = checksums[url];
    const fault = faults.find(({ path }) => path === url)?.fault;
    if (paths !== undefined) response.end(listOf(paths));
    else if (assets[url] === undefined) response.writeHead(404).end();
    else if (fault === 'wrong-digest')
      response.end(Buffer.concat([bytesOf(url), Buffer.from('x')]));
    else if (typeof fault === 'object') {
      const bytes = bytesOf(url);
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, fault.closeAt), () => response.destroy());
    } else response.end(bytesOf(url));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        outputs: { url: `http://127.0.0.1:${String(port)}` },
        restore: () => {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}

type Reply = {
  readonly args?: readonly string[];
  readonly stdout?: string;
  readonly exit?: number;
  readonly through?: string;
};
type StubInputs = { readonly commands: Readonly<Record<string, readonly Reply[]>> };

function writeStubs({ commands }: StubInputs, work: string): AppliedFixture {
  const folder = mkdtempSync(join(work, 'stubs-'));
  for (const [name, replies] of Object.entries(commands)) {
    const lines = replies.map(({ args, stdout = '', exit = 0, through }) => {
      const answer =
        through === undefined
          ? `printf '%s' '${stdout}'; exit ${String(exit)}`
          : `exec '${through}' "$@"`;
      return args === undefined ? answer : `if [ "$*" = '${args.join(' ')}' ]; then ${answer}; fi`;
    });
    writeFileSync(join(folder, name), `#!/bin/sh\n${lines.join('\n')}\nexit 127\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return { outputs: { path: folder }, restore: () => undefined };
}
