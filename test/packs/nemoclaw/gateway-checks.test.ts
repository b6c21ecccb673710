// What the checks of the gateway's upgrade see, of a machine that is no more than files and one process.

import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject, PackContext } from 'seatrial';
import { observeGateway } from '../../../packs/nemoclaw/actions/observe-gateway.ts';
import { stateMigrated, versionChanged } from '../../../packs/nemoclaw/checks/gateway-upgrade.ts';
import { lookAtGateway } from '../../../packs/nemoclaw/checks/look-gateway.ts';
import { loadState } from '../../../packs/nemoclaw/reference/openshell/state-current.ts';
import { afterAction, packContext } from './pack-context.ts';

let root = '';
let state = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'seatrial-gateway-'));
  state = join(root, 'home/.local/state/nemoclaw/openshell-docker-gateway');
  mkdirSync(join(state, 'policies'), { recursive: true });
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

type Told = { readonly version: string; readonly schema: number; readonly pid: number };

function contextOf(told?: Told): PackContext {
  const places = { product: join(root, 'product'), home: join(root, 'home') };
  const context = packContext({
    ...places,
    ports: {
      run: async ({ argv: [program, ...args] }) => {
        const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
        const chunks: string[] = [];
        child.stdout.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
        const [exit] = (await once(child, 'close')) as [number];
        return { exit, timedOut: false, stdout: chunks.join(''), stderr: '' };
      },
      state: { read: (path) => Promise.resolve(fileAt(path)), tree: () => Promise.resolve({}) },
    },
  });
  const gateway: PackContext['ports']['gateway'] = () =>
    told === undefined
      ? Promise.reject(new Error('nobody answers'))
      : Promise.resolve({ status: 200, text: JSON.stringify(told) });
  return { ...context, ports: { ...context.ports, gateway } };
}

function fileAt(path: string) {
  try {
    const text = readFileSync(path, 'utf8');
    return { kind: 'file', text, sha256: sha256(text) } as const;
  } catch {
    return { kind: 'absent' } as const;
  }
}

/** A script that runs until it is ended, with its pid where the gateway's would be. */
async function withProcess(work: (pid: number) => Promise<void>): Promise<void> {
  const program = join(root, 'open shell) gateway.cjs');
  writeFileSync(program, 'process.stdout.write("up"); setInterval(() => {}, 60_000);');
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    writeFileSync(join(state, 'openshell-gateway.pid'), `${String(child.pid)}\n`);
    await work(child.pid ?? 0);
  } finally {
    child.kill('SIGKILL');
  }
}

describe('a gateway', () => {
  test('is known by its answer, its start and the program that it runs', () =>
    withProcess(async (pid) => {
      const told = { version: '0.0.36', schema: 1, pid };
      const look = await lookAtGateway(contextOf(told));
      expect(look).toMatchObject({ version: '0.0.36', schema: 1, isSame: true });
      expect(look.executable).toBe(
        sha256(readFileSync(join(root, 'open shell) gateway.cjs'), 'utf8')),
      );
      expect(look.process).toMatch(new RegExp(`^${String(pid)} \\d+$`));
    }));

  test('that answers and is not the one of the pid file is told apart', () =>
    withProcess(async (pid) => {
      const look = await lookAtGateway(contextOf({ version: '0.0.44', schema: 2, pid: pid + 1 }));
      expect(look.isSame).toBe(false);
    }));

  test('that is not there is nothing that could be compared with itself', async () => {
    const look = await lookAtGateway(contextOf());
    expect(look).toEqual({
      ...{ version: 'none', schema: 0, process: 'none', executable: 'none', isSame: false },
    });
    expect(await versionChanged.before?.(contextOf())).toMatchObject({ version: 'none' });
  });

  const manifest = (lifecycle: string): JsonObject => ({ spec: { onboarding: { lifecycle } } });

  test('is an instance only of a run that is about it', () =>
    withProcess(async (pid) => {
      const context = contextOf({ version: '0.0.36', schema: 1, pid });
      const seen = (lifecycle: string) =>
        observeGateway({ ...context, manifest: manifest(lifecycle) });
      expect(await seen('rebuild-from-old')).toEqual([]);
      expect(await seen('gateway-upgrade')).toMatchObject([
        { component: 'openshell-gateway', version: '0.0.36' },
      ]);
    }));

  test('is no instance before there is one', async () => {
    const context = { ...contextOf(), manifest: manifest('gateway-upgrade') };
    expect(await observeGateway(context)).toEqual([]);
  });
});

const policy = 'network_policies: {}\n';

const oldState = {
  schema: 1,
  sandboxes: { box: { container: 'c1', image: 'i1', policyYaml: policy, createdAt: 't1' } },
  providers: { nvidia: { type: 'generic', credential: 'NVIDIA_API_KEY', valueHash: 'h1' } },
  inference: { endpoint: 'http://127.0.0.1:1/v1', provider: 'nvidia' },
};

/** As the release itself migrates it; `edit` changes the file afterwards. */
async function migrated(edit: (state: JsonObject) => JsonObject): Promise<readonly JsonObject[]> {
  const path = join(state, 'state.json');
  writeFileSync(path, JSON.stringify(oldState));
  rmSync(join(state, 'policies'), { recursive: true });
  const before = (await stateMigrated.before?.(contextOf())) ?? {};
  loadState(state);
  writeFileSync(path, JSON.stringify(edit(JSON.parse(readFileSync(path, 'utf8')) as JsonObject)));
  return [before, await stateMigrated.after({ ...contextOf(), ...afterAction({ exit: 0 }) })];
}

describe('the state of before and after a migration', () => {
  test('has the same entries in both schemas', async () => {
    const [before, after] = await migrated((kept) => kept);
    expect(before).toMatchObject({ schema: 1, saved: 'none' });
    expect(after).toMatchObject({ schema: 2, saved: before?.['digest'] });
    expect(after?.['entries']).toEqual(before?.['entries']);
  });

  const faults: readonly (readonly [string, (kept: JsonObject) => JsonObject])[] = [
    ['no provider', (kept) => ({ ...kept, providers: [] })],
    ['no route', (kept) => ({ ...kept, routes: [] })],
    [
      'another credential',
      (kept) => ({
        ...kept,
        providers: [
          { name: 'nvidia', type: 'generic', credential: 'NVIDIA_API_KEY', valueHash: 'h2' },
        ],
      }),
    ],
    ['no sandbox', (kept) => ({ ...kept, sandboxes: [] })],
  ];
  test.each(faults)('canary: %s is seen', async (_, edit) => {
    const [before, after] = await migrated(edit);
    expect(after?.['entries']).not.toEqual(before?.['entries']);
  });
});
