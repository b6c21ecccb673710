import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import type { Resource } from '../../../src/ports/app-driver.ts';
import {
  children,
  cleanUp,
  codeOf,
  livingWith,
  make,
  never,
  running,
  withMode,
} from './counter.ts';
import { counterSettings } from './subject.ts';

afterEach(cleanUp);

/** Installs the counter and prints its resources, then waits to be killed. */
const lonely = `
import { makeProcessSubject } from ${JSON.stringify(join(import.meta.dirname, 'subject.ts'))};
const env = { COUNTER_MODE: 'daemon', COUNTER_TOKEN: process.env.COUNTER_TOKEN };
const subject = await makeProcessSubject({ env });
const { context, resources } = await subject.open();
const deployment = await subject.driver().open(context);
const { signal } = new AbortController();
await deployment.install(subject.base, 'base', signal);
await deployment.settled({ settleMs: 0, timeoutMs: 20000, signal });
const told = { folder: subject.folder, run: context.run, resources: resources() };
console.log(JSON.stringify(told));
setInterval(() => undefined, 60000);
`;

describe('stopping', () => {
  it('a daemon without environment, session or folder in common ends with the app', async () => {
    const token = `token-${String(process.pid)}-upgrade`;
    const { deployment, subject } = await running(withMode('daemon', { COUNTER_TOKEN: token }));
    await expect.poll(() => livingWith(token).length, { timeout: 10_000 }).toBe(1);
    const [daemon] = livingWith(token);
    await deployment.upgrade(subject.broken, never);
    expect(livingWith(token)).not.toContainEqual(daemon);
    expect(subject.notes).toContain('stop-forced');
  });

  it('removal says what had to be forced', async () => {
    const token = `token-${String(process.pid)}-remove`;
    for (const mode of ['daemon', 'stubborn']) {
      const made = await running(withMode(mode, { COUNTER_TOKEN: token }));
      const options = { signal: never, graceMs: 300 };
      const removed = await made.driver.remove(made.resources(), options);
      expect(removed.find(({ kind }) => kind === 'process')).toMatchObject({ outcome: 'forced' });
      expect(await made.driver.find(made.context.run, made.resources())).toEqual([]);
    }
    expect(livingWith(token)).toEqual([]);
  });

  it('a well-behaved app is removed without force', async () => {
    const made = await running();
    const removed = await made.driver.remove(made.resources(), { signal: never, graceMs: 2000 });
    expect(new Set(removed.map(({ outcome }) => outcome))).toEqual(new Set(['removed']));
  });

  it('the death of the harness ends the app, and its journal is enough to clean up', async () => {
    const token = `token-${String(process.pid)}-killed`;
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', lonely],
      {
        env: { ...process.env, COUNTER_TOKEN: token },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    children.push(child);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const told = JSON.parse(line.toString()) as {
      folder: string;
      run: string;
      resources: Resource[];
    };
    await expect.poll(() => livingWith(token).length, { timeout: 10_000 }).toBe(1);
    child.kill('SIGKILL');
    await expect.poll(() => livingWith(token)).toEqual([]);
    const { driver } = await make();
    const removed = await driver.remove(told.resources, { signal: never, graceMs: 0 });
    expect(removed.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    expect(await driver.find(told.run, told.resources)).toEqual([]);
    await rm(told.folder, { recursive: true });
  });
});

describe('output and data', () => {
  it('a flood of output stays bounded', async () => {
    const { deployment } = await running(withMode('flood'));
    const log = await deployment.logs();
    expect(log.length).toBeLessThan(5 * 1024 * 1024);
    expect(Buffer.from(log.subarray(0, 60)).toString()).toContain('bytes of output dropped');
  });

  it('links that the app made lead nobody out of the volume', async () => {
    const { deployment, context, subject } = await running();
    await symlink(subject.folder, join(context.work, 'data/out'));
    await symlink('/etc/hostname', join(context.work, 'data/host'));
    const bytes = new Uint8Array([1]);
    expect(await codeOf(deployment.volumeWrite('data', 'out/x', bytes))).toBe('refused');
    expect(await codeOf(deployment.volumeWrite('data', 'out/deep/x', bytes))).toBe('refused');
    expect(await codeOf(deployment.volumeRead('data', 'out/x'))).toBe('refused');
    expect(await deployment.volumeRead('data', 'host')).toBeUndefined();
  });

  it('configuration is run before each start of a release, with the app’s environment', async () => {
    const configure = ['sh', '-c', 'echo "$PORT_AGAIN {port}" >> {data}/configured'];
    const process = { ...counterSettings.process, configure };
    const { deployment, subject } = await running({ settings: { process } });
    await deployment.upgrade(subject.head, never);
    const file = Buffer.from((await deployment.volumeRead('data', 'configured')) ?? []).toString();
    expect(file.trim().split('\n')).toHaveLength(2);
    expect(file).toMatch(/^(\d+) \1\n\1 \1\n$/);
  });
});
