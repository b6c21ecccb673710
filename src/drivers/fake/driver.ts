// A working driver in memory, with faults that can be planted. It takes no real time, and runs on
// it are never evidence.

import type {
  AppDriver,
  Capability,
  Deployment,
  InstanceContext,
  Leftover,
  RemovedResource,
  Resource,
  Snapshot,
} from '../../ports/app-driver.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Files } from '../../ports/files.ts';
import type { Ids } from '../../ports/ids.ts';
import { WorldError } from '../../ports/world-error.ts';
import { makeData } from './data.ts';
import { type FakeFault, type Faults, makeFaults } from './faults.ts';
import { type FakeParts, type Handle, makeHandle } from './handle.ts';
import { fakeUrl, isUp, restartUnits } from './http.ts';
import { makeOperations, orphanName } from './operations.ts';
import { asText, readFakeSettings } from './settings.ts';
import {
  appKey,
  imageOf,
  type FakeApp,
  type FakeWorldStore,
  openFakeWorld,
  withApp,
  withEntry,
} from './world.ts';

type FakeDriverOptions = {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly faults?: readonly FakeFault[];
  /** Shared with other driver objects and with `makeFakeHttp`; a world of its own when absent. */
  readonly world?: FakeWorldStore;
  /** With it, artifacts are real files in the work folder. */
  readonly files?: Files;
};

export function makeFakeDriver(options: FakeDriverOptions): AppDriver {
  const faults = makeFaults(options.faults ?? []);
  const store = options.world ?? openFakeWorld();
  const parts = { store, faults, clock: options.clock, ids: options.ids, files: options.files };
  return {
    kind: 'fake',
    version: '1',
    fake: true,
    capabilities: async (settings) => {
      await faults.enter('capabilities');
      const { cannot } = readFakeSettings(settings);
      const can = (capability: Capability): true | string => cannot[capability] ?? true;
      return {
        rebuild: can('rebuild'),
        backup: can('backup'),
        restore: can('restore'),
        'data-markers': can('data-markers'),
      };
    },
    open: async (context) => {
      await faults.enter('open');
      return openDeployment(parts, context);
    },
    remove: async (resources, { signal }) => {
      await faults.enter('remove', signal);
      return resources.toReversed().map((resource) => removeOne(store, faults, resource));
    },
    images: async () => {
      await faults.enter('find');
      return faults.has('remove-prunes') ? [] : store.read().images;
    },
    find: async (run) => {
      await faults.enter('find');
      return findAll(store, run);
    },
  };
}

function openDeployment(parts: FakeParts, context: InstanceContext): Deployment {
  const settings = readFakeSettings(context.settings);
  const handle = makeHandle(parts, context, settings);
  const { faults } = parts;
  let looks = 0;
  return {
    ...makeOperations(handle),
    ...makeData(handle),
    settled: async ({ signal }) => {
      await faults.enter('settled', signal);
      const { status } = handle.app();
      return status.state === 'converged' ? { ...status, notes: [] } : status;
    },
    observe: async () => {
      await faults.enter('observe');
      looks += 1;
      if (looks > 2 && faults.has('lost-after-checks'))
        throw new WorldError('unavailable', 'planted: the deployment cannot be observed any more');
      return observe(handle.app());
    },
    logs: async () => {
      await faults.enter('logs');
      return new Uint8Array(Buffer.from(handle.takeLog()));
    },
    exec: async (service, argv, limits) => {
      await faults.enter('exec', limits.signal);
      if (faults.has('drifts-after-checks')) restartUnits(parts.store, handle.app());
      return exec(handle, service, argv, limits.outputLimitBytes);
    },
    heldSecret: async (name) => {
      await faults.enter('observe');
      const app = handle.app();
      return isUp(app) ? app.secrets[name] : undefined;
    },
    url: () => (settings.http ? fakeUrl(context.run, context.instance) : undefined),
  };
}

function observe({ services, volumes, version }: FakeApp): Snapshot {
  return {
    services: Object.fromEntries(
      [...services].map(([name, each]) => [name, { ...each, images: [imageOf(version)] }]),
    ),
    volumes: [...volumes].map(([name, { id }]) => ({ name, id })),
    listeners: [],
    facts: { version },
  };
}

/** Commands that the fake app knows: `exit <code>`, `echo <words>` and `version`. */
function exec(
  handle: Handle,
  service: string,
  [program, ...rest]: readonly [string, ...string[]],
  outputLimitBytes: number,
): Awaited<ReturnType<Deployment['exec']>> {
  const app = handle.app();
  const units = app.services.get(service)?.units ?? [];
  if (!units.some(({ running }) => running))
    throw new WorldError('app-failed', `service ${service} is not running`);
  const done = (exitCode: number, text: string): ReturnType<typeof exec> => ({
    exitCode,
    timedOut: false,
    stdout: new Uint8Array(Buffer.from(text)).subarray(0, outputLimitBytes),
    stderr: new Uint8Array(),
  });
  if (program === 'exit') return done(Number(rest[0] ?? 0), '');
  if (program === 'echo') return done(0, `${rest.join(' ')}\n`);
  if (program === 'version') return done(0, `${app.version}\n`);
  throw new WorldError('not-found', `there is no program ${program}`);
}

function removeOne(store: FakeWorldStore, faults: Faults, recorded: Resource): RemovedResource {
  const { kind, name, undo } = recorded;
  const resource = { ...recorded, name: asText(undo['name']) || name };
  const run = asText(undo['run']);
  const key = appKey(run, asText(undo['instance']));
  const app = store.read().apps.get(key);
  if (app === undefined) return { kind, name, outcome: 'removed' };
  if (kind === 'service' && faults.has('remove-fails'))
    return { kind, name, outcome: 'failed', message: 'planted: the service cannot be removed' };
  const litter = litterOf(faults, resource, app);
  store.change((world) => ({
    ...withApp(world, key, without(app, resource)),
    litter: [...world.litter, ...litter.map((each) => ({ ...each, run }))],
  }));
  const forced = kind === 'service' && faults.has('remove-forced');
  return forced
    ? { kind, name, outcome: 'forced', message: 'planted: it ignored the stop signal' }
    : { kind, name, outcome: 'removed' };
}

function litterOf(faults: Faults, { kind, name }: Resource, app: FakeApp): readonly Leftover[] {
  if (kind === 'service' && faults.has('leftover-process') && app.services.has(name))
    return [{ kind: 'process', name: `${name}-daemon`, details: `daemon of ${app.instance}` }];
  if (kind === 'volume' && faults.has('leftover-volume'))
    return [{ kind, name, details: `volume of ${app.instance}` }];
  if (kind === 'folder' && faults.has('leftover-file'))
    return [{ kind, name, details: `work folder of ${app.instance}` }];
  return [];
}

/** The app without one resource; undefined when that was the last of it. */
function without(app: FakeApp, { kind, name }: Resource): FakeApp | undefined {
  const left: FakeApp = {
    ...app,
    services: servicesWithout(app, kind, name),
    volumes: kind === 'volume' ? withEntry(app.volumes, name, undefined) : app.volumes,
    folder: kind === 'folder' ? false : app.folder,
  };
  const isGone = left.services.size === 0 && left.volumes.size === 0 && !left.folder;
  return isGone ? undefined : left;
}

/** The orphan of an upgrade is in no journal; it goes with the deployment itself. */
function servicesWithout(
  { services }: FakeApp,
  kind: Resource['kind'],
  name: string,
): FakeApp['services'] {
  if (kind === 'service') return withEntry(services, name, undefined);
  return kind === 'deployment' ? withEntry(services, orphanName, undefined) : services;
}

function findAll(store: FakeWorldStore, run: string): readonly Leftover[] {
  const world = store.read();
  const apps = [...world.apps.values()].filter((app) => app.run === run);
  return [
    ...apps.flatMap(({ instance, services, volumes, folder }) => [
      ...[...services.keys()].map(
        (name) => ({ kind: 'service', name, details: `service of ${instance}` }) as const,
      ),
      ...[...volumes.keys()].map(
        (name) => ({ kind: 'volume', name, details: `volume of ${instance}` }) as const,
      ),
      ...(folder
        ? [{ kind: 'folder', name: 'work', details: `work folder of ${instance}` } as const]
        : []),
    ]),
    ...world.litter
      .filter((each) => each.run === run)
      .map(({ kind, name, details }) => ({ kind, name, details })),
  ];
}
