import { makeFakeDriver } from '../../../src/drivers/fake/driver.ts';
import type { FakeFault } from '../../../src/drivers/fake/faults.ts';
import { makeFakeHttp } from '../../../src/drivers/fake/http.ts';
import {
  appKey,
  type FakeEntry,
  openFakeWorld,
  sha256Hex,
  withApp,
  withEntry,
} from '../../../src/drivers/fake/world.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Ids } from '../../../src/ports/ids.ts';
import type { PreparedRelease } from '../../../src/ports/release.ts';
import { secretName, secretValue, type Subject } from '../contract.ts';
import { makeResourceMemory } from '../resource-memory.ts';

const fakeRelease = (version: string): PreparedRelease => ({
  release: { origin: 'fake', ref: `fake:${version}`, version },
  root: '/nowhere',
  digest: sha256Hex(version),
  cached: false,
});

/** Time that only passes when somebody sleeps. */
function makeTestClock(): Clock {
  let ms = Date.UTC(2026, 0, 2);
  return {
    now: () => new Date(ms),
    monotonicMs: () => ms,
    sleep: async (milliseconds) => {
      await Promise.resolve();
      ms += milliseconds;
    },
  };
}

function makeTestIds(): Ids {
  let count = 0;
  return {
    nonce: (bytes) => {
      count += 1;
      return count.toString(16).padStart(2 * bytes, '0');
    },
  };
}

const planted: readonly [string, FakeEntry][] = [
  ['empty folder', { kind: 'directory', mode: 0o750 }],
  ['link', { kind: 'symlink', target: 'with space' }],
  ['script', { kind: 'file', mode: 0o755, bytes: new Uint8Array(Buffer.from('#!/bin/sh\n')) }],
  ['large', { kind: 'file', mode: 0o600, bytes: new Uint8Array(64 * 1024 * 1024) }],
];

export function makeFakeSubject(
  faults: readonly FakeFault[] = [],
  worldFile?: string,
): Promise<Subject> {
  const world = openFakeWorld(worldFile);
  const [clock, ids] = [makeTestClock(), makeTestIds()];
  let opened = 0;
  return Promise.resolve({
    driver: () => makeFakeDriver({ clock, ids, faults, world }),
    open: async ({ failAt } = {}) => {
      await Promise.resolve();
      opened += 1;
      const memory = makeResourceMemory(failAt);
      const instance = `fake-${String(opened)}`;
      return {
        resources: memory.resources,
        context: {
          run: `RUN${String(opened)}`,
          app: 'counter',
          instance,
          work: `/nowhere/${instance}`,
          settings: {},
          env: { GREETING: 'hello', [secretName]: secretValue },
          upgradeEnv: { GREETING: 'hello again' },
          secretNames: [secretName],
          resources: memory.log,
          note: () => Promise.resolve(),
          onOutput: () => undefined,
        },
      };
    },
    base: fakeRelease('1.0.0'),
    head: fakeRelease('2.0.0'),
    broken: fakeRelease('3.0.0-crash'),
    http: makeFakeHttp(world, faults),
    service: 'app',
    exits: (code) => ['exit', String(code)],
    plant: async ({ context }) => {
      await Promise.resolve();
      const key = appKey(context.run, context.instance);
      world.change((before) => {
        const app = before.apps.get(key);
        const volume = app?.volumes.get('data');
        if (app === undefined || volume === undefined) throw new Error('nothing to plant into');
        const entries = new Map([...volume.entries, ...planted]);
        const volumes = withEntry(app.volumes, 'data', { ...volume, entries });
        return withApp(before, key, { ...app, volumes });
      });
    },
    dispose: () => Promise.resolve(),
  });
}
