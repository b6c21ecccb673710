import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';

import type { Opened } from '../contract.ts';
import {
  children,
  cleanUp,
  codeOf,
  installed,
  make,
  never,
  running,
  settle,
  withMode,
} from './counter.ts';
import { counterSettings } from './subject.ts';

afterEach(cleanUp);

describe('an app that does not come up', () => {
  it.each([
    ['crash', 'crash', 'exit code 3', 'cannot go on'],
    ['exit', 'exited', 'stay in the foreground', ''],
    ['silent', 'not-ready', 'not ready within', 'ECONNREFUSED'],
    ['late-crash', 'crash', 'exit code 4', 'listening'],
  ])('%s: %s', async (mode, cause, message, output) => {
    const { deployment } = await installed(withMode(mode));
    const timeoutMs = mode === 'silent' ? 700 : 10_000;
    const answer = await deployment.settled({ settleMs: 1500, timeoutMs, signal: never });
    expect(answer).toMatchObject({ state: 'failed', cause });
    expect(JSON.stringify(answer)).toContain(message);
    expect(JSON.stringify(answer)).toContain(output);
  });

  it('has no program: its own failure', async () => {
    const process = { ...counterSettings.process, start: ['{release}/absent'] };
    const { deployment, subject } = await make({ settings: { process } });
    expect(await codeOf(deployment.install(subject.base, 'base', never))).toBe('app-failed');
  });

  it('fails to configure: its own failure', async () => {
    const process = { ...counterSettings.process, configure: ['sh', '-c', 'echo no >&2; exit 9'] };
    const { deployment, subject } = await make({ settings: { process } });
    const installing = deployment.install(subject.base, 'base', never);
    await expect(installing).rejects.toMatchObject({
      code: 'app-failed',
      message: expect.stringContaining('exit code 9: no') as string,
    });
  });
});

describe('a port that somebody else holds', () => {
  const silent = {
    ...withMode('silent'),
    settings: { probes: [{ tcp: 'http' }], health: { none: 'only its port counts here' } },
  };
  const portOf = ({ resources }: Opened) =>
    Number(resources().find(({ kind }) => kind === 'port')?.undo['port']);

  it('is the testbed’s trouble when a stranger took it', async () => {
    const made = await installed(silent);
    const server = createServer().listen(portOf(made), '127.0.0.1');
    await once(server, 'listening');
    expect(await codeOf(made.deployment.settled(settle))).toBe('resource-busy');
    const { listeners } = await made.deployment.observe();
    expect(listeners).toMatchObject([{ own: false }]);
    server.close();
  });

  it('is a failure when an old process of the run still answers', async () => {
    const made = await installed(silent);
    const program = `require('net').createServer().listen(${String(portOf(made))}, '127.0.0.1', () => console.log('up'))`;
    const old = spawn(process.execPath, ['-e', program], {
      env: { SEATRIAL_RUN: made.context.run },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(old);
    await once(old.stdout, 'data');
    expect(await made.deployment.settled(settle)).toMatchObject({
      state: 'failed',
      cause: 'foreign-listener',
    });
  });

  it('named in the manifest is leased: a second run has to wait', async () => {
    const port = portOf(await running());
    const health = { path: '/', status: [200], scheme: 'http', port };
    const process = { ...counterSettings.process, ports: [] };
    const { deployment, subject } = await make({ settings: { health, process } });
    expect(await codeOf(deployment.install(subject.base, 'base', never))).toBe('resource-busy');
  });
});
