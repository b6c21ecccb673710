import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import type { Resource } from '../../../src/ports/app-driver.ts';
import { children, cleanUp, make, never, running } from './counter.ts';

afterEach(cleanUp);

describe('removal and search', () => {
  it('never remove a folder that is not below the work folder', async () => {
    const { driver, subject, context } = await make();
    const undo = { run: context.run, work: context.work };
    const bad: Resource[] = [subject.folder, context.work, '/', `${context.work}/../locks`].map(
      (path) => ({ kind: 'folder', name: path, undo: { ...undo, path } }),
    );
    const removed = await driver.remove(bad, { signal: never, graceMs: 0 });
    expect(removed.map(({ outcome }) => outcome)).toEqual(bad.map(() => 'failed'));
    expect((await stat(subject.folder)).isDirectory()).toBe(true);
  });

  it('find a stray process by its mark, its folder or an open file', async () => {
    const { driver, context, resources } = await running();
    const start = (script: string, cwd: string, env: Record<string, string>) => {
      const child = spawn('sh', ['-c', script], { cwd, env, stdio: 'ignore' });
      children.push(child);
      return String(child.pid);
    };
    const strays = [
      start('exec sleep 60', '/', { SEATRIAL_RUN: context.run }),
      start('exec sleep 60', join(context.work, 'data'), {}),
      start(`exec 9>${context.work}/data/held; exec sleep 60`, '/', {}),
    ];
    await expect
      .poll(async () => (await driver.find(context.run, resources())).map(({ name }) => name), {
        timeout: 10_000,
      })
      .toEqual(expect.arrayContaining(strays));
    expect(await driver.find('another-run', [])).toEqual([]);
  });

  it('report a listener on a port that nobody leases any more', async () => {
    const { driver, context, resources } = await running();
    await driver.remove(resources(), { signal: never, graceMs: 2000 });
    const lease = resources().find(({ kind }) => kind === 'port');
    const server = createServer().listen(Number(lease?.undo['port']), '127.0.0.1');
    await once(server, 'listening');
    expect(await driver.find(context.run, resources())).toMatchObject([{ kind: 'port' }]);
    server.close();
  });
});
