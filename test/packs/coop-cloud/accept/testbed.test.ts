// Rows of the failure table of Co-op Cloud in which the testbed lets a run down: registries and engines. All
// of it waits for minutes, so it runs in `npm run acceptance:coop-cloud` alone.

import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, describe, expect, test } from 'vitest';

import { enginePlace } from '../../../../scripts/docker-place.ts';
import { makeEngine } from '../../../../src/drivers/docker/engine.ts';
import { canStartEngines, openPrivateEngine } from '../../../drivers/docker/private-engine.ts';
import { command, leftOf, removeRealApps, start } from '../../../lifecycle/real-run.ts';
import { heldBy, markOf } from '../../../lifecycle/stack-app.ts';
import { idle, labelled, makeRecipeApp, newestState, reached } from './recipe-app.ts';

const timeout = 400_000;
const inAcceptance = test.skipIf(process.env['SEATRIAL_ACCEPT'] !== 'all');
const service = (version: string): string => `${idle}\n    deploy:${labelled(version)}`;

/** A registry at the engine's own loopback that answers every request in one way. */
const registry = `require('node:http').createServer((_, answer) => {
  answer.writeHead(429, { 'content-type': 'application/json' });
  answer.end(JSON.stringify({ errors: [{ code: 'TOOMANYREQUESTS', message: 'pull rate limit' }] }));
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

async function limitedRegistry(): Promise<{ readonly port: string; readonly child: ChildProcess }> {
  const { name } = enginePlace(process.env);
  const child = spawn('ip', ['netns', 'exec', name, process.execPath, '-e', registry]);
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (text: Buffer) => {
      resolve(text.toString('utf8').trim());
    });
    child.once('exit', (code) => {
      reject(new Error(`the registry ended with ${String(code)}`));
    });
  });
  return { port, child };
}

async function upgradeTo(image: string) {
  const app = await makeRecipeApp('frd', {
    base: { app: service('1.0.0') },
    head: { app: service('1.1.0').replace(/image: \S+/, `image: ${image}`) },
    resolveImage: 'changed',
  });
  const { code, err } = await start(app, ['run', '--ops', 'upgrade']).ended;
  expect(code, err).toBe(3);
  const state = await newestState(app);
  expect(state?.checks.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
  expect(await leftOf(app, state)).toEqual([]);
  return state?.operations.find(({ name }) => name === 'upgrade');
}

describe.skipIf(!canStartEngines)('a registry', () => {
  afterAll(removeRealApps);

  inAcceptance('FR-04: that nobody answers for', { timeout }, async () => {
    expect(await upgradeTo('127.0.0.1:9/app:1')).toMatchObject({
      outcome: 'error',
      cause: 'network',
    });
  });

  inAcceptance('FR-04: that has had enough of us', { timeout }, async () => {
    const { port, child } = await limitedRegistry();
    try {
      const upgrade = await upgradeTo(`127.0.0.1:${port}/app:1`);
      expect(upgrade).toMatchObject({ outcome: 'error', cause: 'network' });
      expect(upgrade?.message).toMatch(/toomanyrequests/i);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe.skipIf(!canStartEngines)('an engine that answers nothing any more', () => {
  afterAll(removeRealApps);

  inAcceptance('LK-08: an undo that hangs is told, and recover finishes', { timeout }, async () => {
    const own = await openPrivateEngine('hangs', ['seatrial-fixture/busybox:1']);
    const engine = makeEngine(own.host);
    const deaf = service('1.0.0')
      .replace('init: true', 'init: false')
      .replace('stop_grace_period: 1s', 'stop_grace_period: 5s');
    const app = await makeRecipeApp('lkh', { base: { app: deaf }, host: own.host });
    try {
      const running = start(app, ['run', '--ops', 'install']);
      await reached(app, 'remove');
      own.freeze();
      const { code, err } = await running.ended;
      expect(code, err).toBe(3);
      const state = await newestState(app);
      const removal = state?.operations.find(({ name }) => name === 'remove');
      expect(removal?.outcome).toMatch(/^(?:timed-out|error)$/);
      own.thaw();
      const run = state?.started.run ?? '';
      expect(await heldBy(engine, markOf(run))).not.toEqual([]);
      const recovered = await command(app, 'recover');
      expect(recovered.code, recovered.out).toBe(0);
      expect(await heldBy(engine, markOf(run))).toEqual([]);
      expect(await leftOf(app, await newestState(app))).toEqual([]);
    } finally {
      own.thaw();
      engine.close();
      await own.remove();
    }
  });
});
