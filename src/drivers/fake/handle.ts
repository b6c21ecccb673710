// What the operations of one fake deployment share.

import type { InstanceContext, Rendering } from '../../ports/app-driver.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Files } from '../../ports/files.ts';
import type { Ids } from '../../ports/ids.ts';
import type { JsonObject } from '../../ports/json.ts';
import type { PreparedRelease } from '../../ports/release.ts';
import { WorldError } from '../../ports/world-error.ts';
import type { Faults } from './faults.ts';
import type { FakeSettings } from './settings.ts';
import {
  appKey,
  type FakeApp,
  type FakeOperation,
  type FakeService,
  type FakeStatus,
  type FakeUnit,
  type FakeVolume,
  type FakeWorldStore,
  sha256Hex,
  withApp,
} from './world.ts';

export type FakeParts = {
  readonly store: FakeWorldStore;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Where artifacts are written as real files; without it they exist in the world only. */
  readonly files: Files | undefined;
};

export type Handle = FakeParts & {
  readonly context: InstanceContext;
  readonly settings: FakeSettings;
  readonly key: string;
  /** Throws `not-found` when nothing is deployed. */
  readonly app: () => FakeApp;
  readonly update: (change: (app: FakeApp) => FakeApp) => void;
  readonly say: (line: string) => void;
  readonly takeLog: () => string;
};

/** What is kept of the log between two calls of `logs`. */
const logLimitBytes = 1024 * 1024;

export function makeHandle(
  parts: FakeParts,
  context: InstanceContext,
  settings: FakeSettings,
): Handle {
  const key = appKey(context.run, context.instance);
  const { store } = parts;
  let log = '';
  const app = (): FakeApp => {
    const found = store.read().apps.get(key);
    if (found === undefined) throw new WorldError('not-found', `${key} is not deployed`);
    return found;
  };
  return {
    ...parts,
    context,
    settings,
    key,
    app,
    update: (change) => {
      store.change((world) => withApp(world, key, change(app())));
    },
    say: (line) => {
      log = `${log}${line}\n`.slice(-logLimitBytes);
      context.onOutput('app', Buffer.from(`${line}\n`));
    },
    takeLog: () => {
      const taken = log;
      log = '';
      return taken;
    },
  };
}

/** The environment that a stage runs with. */
export const stageEnv = (
  context: InstanceContext,
  stage: 'base' | 'head',
): Readonly<Record<string, string>> =>
  stage === 'base' ? context.env : { ...context.env, ...context.upgradeEnv };

export const isSecret = (context: InstanceContext, name: string): boolean =>
  context.secretNames?.includes(name) ?? true;

export function renderFake(
  handle: Handle,
  release: PreparedRelease,
  asked: 'base' | 'head',
): Rendering {
  const { context, settings, faults } = handle;
  const stage = faults.has('base-is-head') ? 'head' : asked;
  const env = Object.fromEntries(
    Object.entries(stageEnv(context, stage))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [
        name,
        isSecret(context, name) ? `secret:${name}` : `sha256:${sha256Hex(value)}`,
      ]),
  );
  const tree = faults.has('base-is-head') ? sha256Hex('one content for all') : release.digest;
  const names = stage === 'base' ? settings.base : settings.head;
  return {
    services: Object.fromEntries(names.map((name) => [name, { tree, command: name, env }])),
    volumes: settings.volumes,
  };
}

/** The spec of content that nobody asked for. */
export const otherRelease = (spec: JsonObject): JsonObject => ({
  ...spec,
  tree: sha256Hex('another release'),
});

export function newUnit(handle: Handle, running = true): FakeUnit {
  const id = `unit-${handle.ids.nonce(6)}`;
  return running ? { id, running, restarts: 0 } : { id, running, exitCode: 3, restarts: 0 };
}

/** All services with fresh units; stopped ones with code 3 after a crash. */
export const withFreshUnits = (
  handle: Handle,
  services: ReadonlyMap<string, FakeService>,
  status: FakeStatus,
): ReadonlyMap<string, FakeService> =>
  new Map(
    [...services].map(([name, service]) => [
      name,
      {
        ...service,
        units: [newUnit(handle, status.state !== 'failed' || status.cause !== 'crash')],
      },
    ]),
  );

export const emptied = (
  volumes: ReadonlyMap<string, FakeVolume>,
): ReadonlyMap<string, FakeVolume> =>
  new Map([...volumes].map(([name, volume]) => [name, { ...volume, entries: new Map() }]));

export function noteDone(handle: Handle, operation: FakeOperation): void {
  handle.update((app) => ({ ...app, done: [...app.done, operation] }));
}

/** How the app is after an operation, with the planted faults. A version that ends in `-crash` never runs. */
export function statusAfter(
  handle: Handle,
  operation: 'install' | 'upgrade' | 'restore' | 'rebuild',
  version: string,
): FakeStatus {
  if (handle.faults.has(`crash-after-${operation}`) || version.endsWith('-crash'))
    return { state: 'failed', cause: 'crash', message: 'app ended with code 3' };
  if (handle.faults.has('never-ready'))
    return { state: 'failed', cause: 'not-ready', message: 'app did not become ready' };
  return { state: 'converged' };
}
