// A gateway of the last release with a sandbox behind it, replaced by the installer: with the user's
// word only, with a way back, and without the sandbox noticing.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineHost } from '../../drivers/docker/engine-here.ts';
import { makeProductWorld, type ProductWorld } from './product-world.ts';
import type { Ended } from './reference-world.ts';

let at: ProductWorld;
let [bin, stubs] = ['', ''];
const onEngine = describe.skipIf(engineHost === undefined);
const names = ['openshell', 'openshell-gateway', 'openshell-sandbox'] as const;

beforeAll(async () => {
  if (engineHost === undefined) return;
  at = await makeProductWorld(engineHost);
  bin = join(at.world.root, 'bin');
  stubs = join(at.world.root, 'stubs');
  mkdirSync(bin);
  mkdirSync(stubs);
  const old = await at.world.release('openshell', 'old');
  for (const name of names) cpSync(join(old, name), join(bin, name));
  serveRelease(join(at.world.root, 'host/v0.0.44'));
});
afterAll(async () => {
  if (engineHost !== undefined) await at.remove();
});

/** A release host that is a folder, reached by a curl that knows no other. */
function serveRelease(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    const libc = name === 'openshell' ? 'musl' : 'gnu';
    const archive = `${name}-x86_64-unknown-linux-${libc}.tar.gz`;
    execFileSync('tar', ['-czf', join(folder, archive), '-C', join(at.product, 'openshell'), name]);
    const digest = createHash('sha256')
      .update(readFileSync(join(folder, archive)))
      .digest('hex');
    writeFileSync(join(folder, `${name}-checksums-sha256.txt`), `${digest}  ${archive}\n`);
  }
  const scripts = {
    gh: 'exit 4',
    uname: 'case "$1" in -s) echo Linux;; *) echo x86_64;; esac',
    curl: `cp "${join(folder, '..')}/\${4#*/download/}" "$3"`,
  };
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(stubs, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(stubs, name), 0o755);
  }
}

const environment = (): NodeJS.ProcessEnv => ({
  PATH: `${stubs}:${bin}:${process.env['PATH'] ?? ''}`,
});
const consent = { NEMOCLAW_ACCEPT_EXPERIMENTAL_OPENSHELL_UPGRADE: '1' };

const run = (
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> => at.world.run(program, args, { env: { ...environment(), ...env } });
const install = (env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  run(join(at.product, 'nemoclaw-install'), [], env);
const openshell = (...args: readonly string[]): Promise<Ended> => run(join(bin, 'openshell'), args);

const stateFolder = (): string =>
  join(at.world.home, '.local/state/nemoclaw/openshell-docker-gateway');
const stateText = (): string => readFileSync(join(stateFolder(), 'state.json'), 'utf8');

/** Container and start of the agent's process, as the container tells. */
const survivor = async (): Promise<string> => {
  const { stdout } = await openshell('sandbox', 'list', '--json');
  const script = 'cat /sandbox/.openclaw/heartbeat.log | head -1';
  const exec = await openshell('sandbox', 'exec', 'surv', '--', 'sh', '-c', script);
  return `${stdout.replace(/"status":"\w+"/, '')} ${exec.stdout}`;
};

onEngine('a gateway of 0.0.36 with a survivor', () => {
  test('runs', async () => {
    const made = await run(join(at.product, 'nemoclaw'), [
      ...['onboard', '--non-interactive', '--name', 'surv'],
    ]);
    expect(made).toMatchObject({ code: 0 });
    expect((await openshell('status', '--json')).stdout).toContain('"version":"0.0.36"');
  });

  test('is left alone without consent', async () => {
    const before = stateText();
    const program = readFileSync(join(bin, 'openshell'));
    expect(await install()).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('NEMOCLAW_ACCEPT_EXPERIMENTAL_OPENSHELL_UPGRADE') as string,
    });
    expect(stateText()).toBe(before);
    expect(readFileSync(join(bin, 'openshell'))).toEqual(program);
  });

  test('is put back when its state cannot be migrated', async () => {
    const [before, known] = [stateText(), await survivor()];
    // Where the new schema has a folder.
    writeFileSync(join(stateFolder(), 'policies'), 'in the way');
    const failed = await install(consent);
    expect(failed).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the old gateway runs again') as string,
    });
    expect(stateText()).toBe(before);
    expect((await openshell('status', '--json')).stdout).toContain('"version":"0.0.36"');
    rmSync(join(stateFolder(), 'policies'));
    expect(await survivor()).toBe(known);
  });
});

onEngine('the upgrade', () => {
  test('keeps the survivor as it is, behind the new gateway', async () => {
    const [before, known] = [stateText(), await survivor()];
    const registry = readFileSync(join(at.world.home, '.nemoclaw/sandboxes.json'), 'utf8');
    const done = await install(consent);
    expect(done).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 backed up, 0 failed, 0 skipped') as string,
    });
    expect((await openshell('status', '--json')).stdout).toContain('"version":"0.0.44"');
    expect(await survivor()).toBe(known);
    expect(readFileSync(join(stateFolder(), 'state.json.v1.bak'), 'utf8')).toBe(before);
    expect(readFileSync(join(at.world.home, '.nemoclaw/sandboxes.json'), 'utf8')).toBe(registry);
    const asked = await openshell('sandbox', 'exec', 'surv', '--', 'openclaw', 'ask', 'abc');
    expect(asked.stdout).toBe('cba\n');
  });

  test('puts commands where the user finds them', () => {
    for (const name of ['nemoclaw', 'nemoclaw-install'])
      expect(existsSync(join(at.world.home, '.local/bin', name))).toBe(true);
  });
});
