// install, upgrade and rebuild of the fake driver.

import type { Deployment, Rendering, Resource } from '../../ports/app-driver.ts';
import type { JsonObject } from '../../ports/json.ts';
import type { PreparedRelease } from '../../ports/release.ts';
import { WorldError } from '../../ports/world-error.ts';
import {
  emptied,
  type Handle,
  isSecret,
  newUnit,
  noteDone,
  otherRelease,
  renderFake,
  stageEnv,
  statusAfter,
  withFreshUnits,
} from './handle.ts';
import {
  type FakeApp,
  type FakeService,
  type FakeWorld,
  imageOf,
  sha256Hex,
  withApp,
} from './world.ts';

export function makeOperations(
  handle: Handle,
): Pick<Deployment, 'render' | 'install' | 'upgrade' | 'rebuild'> {
  const { faults } = handle;
  return {
    render: async (release, stage) => {
      await faults.enter('render');
      return renderFake(handle, release, stage);
    },
    install: async (release, stage, signal) => {
      await faults.enter('install', signal);
      await install(handle, release, stage);
    },
    upgrade: async (release, signal) => {
      await faults.enter('upgrade', signal);
      await upgrade(handle, release);
      noteDone(handle, 'upgrade');
    },
    rebuild: async (release, signal) => {
      await faults.enter('rebuild', signal);
      rebuild(handle, release);
      noteDone(handle, 'rebuild');
    },
  };
}

/** The service that the fault `orphan-service` leaves. */
export const orphanName = 'former';

const refused = (operation: string): WorldError =>
  new WorldError('app-failed', `planted: the app refused the ${operation}`);

/** Everything an instance is made of. `undo` is enough to find it again in the world. */
function resourcesOf({ context, settings }: Handle, rendering: Rendering): readonly Resource[] {
  const undo = { run: context.run, instance: context.instance };
  // Names are unique within a run, of which a dependency is not the only deployment.
  const named = (kind: Resource['kind'], name: string): Resource =>
    context.dependency === true
      ? { kind, name: `${context.instance}_${name}`, undo: { ...undo, name } }
      : { kind, name, undo };
  const folder = named('folder', 'work');
  return [
    { kind: 'deployment', name: context.instance, undo },
    { ...folder, undo: { ...folder.undo, path: context.work } },
    ...settings.volumes.map((name) => named('volume', name)),
    ...Object.keys(rendering.services).map((name) => named('service', name)),
  ];
}

const versionOf = ({ release: { version, ref } }: PreparedRelease): string => version ?? ref;

const pulled = (world: FakeWorld, version: string): FakeWorld => ({
  ...world,
  images: [...new Set([...world.images, imageOf(version)])],
});

async function install(
  handle: Handle,
  release: PreparedRelease,
  stage: 'base' | 'head',
): Promise<void> {
  const { context, faults, ids, key, store } = handle;
  const rendering = renderFake(handle, release, stage);
  const resources = resourcesOf(handle, rendering);
  await context.resources.intended(resources);
  const version = versionOf(release);
  const halfMade: FakeApp = {
    run: context.run,
    instance: context.instance,
    version,
    status: { state: 'converged' },
    services: new Map(),
    volumes: new Map(),
    secrets: {},
    beforeDestroy: new Map(),
    folder: true,
    done: ['install'],
  };
  store.change((world) => withApp(pulled(world, version), key, halfMade));
  if (faults.has('install-fails')) throw refused('install');
  const deployed = faults.has('install-other-release')
    ? mapSpecs(rendering.services, otherRelease)
    : rendering.services;
  const status = statusAfter(handle, 'install', version);
  handle.update((app) => ({
    ...app,
    status,
    secrets: secretsOf(handle, stage),
    volumes: new Map(
      rendering.volumes.map((name) => [name, { id: `volume-${ids.nonce(6)}`, entries: new Map() }]),
    ),
    services: withFreshUnits(handle, deploy(handle, new Map(), deployed), status),
  }));
  started(handle, stage);
  for (const { kind, name } of resources) await context.resources.created(kind, name, {});
}

async function upgrade(handle: Handle, release: PreparedRelease): Promise<void> {
  const { context, faults } = handle;
  if (faults.has('upgrade-fails')) throw refused('upgrade');
  if (faults.has('old-release-stays')) return;
  if (faults.has('rolled-back')) {
    handle.update((app) => ({
      ...app,
      status: { state: 'rolled-back', message: 'new unit ended with code 3, base put back' },
    }));
    return;
  }
  const { services } = renderFake(handle, release, 'head');
  if (isEqual(services, handle.app().services)) return;
  if (faults.has('second-install')) await installAgain(handle);
  handle.store.change((world) => pulled(world, versionOf(release)));
  const added = Object.keys(services).filter((name) => !handle.app().services.has(name));
  const undo = { run: context.run, instance: context.instance };
  await context.resources.intended(added.map((name) => ({ kind: 'service', name, undo })));
  const version = versionOf(release);
  const status = statusAfter(handle, 'upgrade', version);
  const dropped = [...handle.app().services.keys()].filter((name) => !(name in services));
  handle.update((app) => ({
    ...app,
    version,
    status,
    secrets: secretsOf(handle, 'head'),
    volumes: faults.has('upgrade-loses-data') ? emptied(app.volumes) : app.volumes,
    services: withFreshUnits(
      handle,
      withOrphan(handle, deploy(handle, app.services, services)),
      status,
    ),
  }));
  started(handle, 'head');
  for (const name of added) await context.resources.created('service', name, {});
  for (const name of dropped) await context.resources.removed('service', name);
}

/** What a harness does that forgets to upgrade in place: the deployment count must give it away. */
async function installAgain(handle: Handle): Promise<void> {
  const { context } = handle;
  const name = `${context.instance}-again`;
  const undo = { run: context.run, instance: context.instance };
  await context.resources.intended([{ kind: 'deployment', name, undo }]);
  handle.update((app) => ({ ...app, services: new Map() }));
  await context.resources.created('deployment', name, {});
}

function rebuild(handle: Handle, release: PreparedRelease): void {
  const { faults } = handle;
  if (faults.has('rebuild-keeps-units')) return;
  if (faults.has('rebuild-fails')) {
    handle.update((app) => ({ ...app, services: new Map() }));
    throw refused('rebuild');
  }
  const { services } = renderFake(handle, release, 'head');
  const deployed = faults.has('rebuild-other-release')
    ? mapSpecs(services, otherRelease)
    : services;
  const version = release.release.version ?? release.release.ref;
  const status = statusAfter(handle, 'rebuild', version);
  handle.update((app) => ({
    ...app,
    version,
    status,
    volumes: faults.has('rebuild-loses-data') ? emptied(app.volumes) : app.volumes,
    services: withFreshUnits(handle, deploy(handle, app.services, deployed), status),
  }));
  started(handle, 'head');
}

/** In place: a service that stays keeps its id, one that the new rendering lacks is gone. */
function deploy(
  { ids }: Handle,
  before: ReadonlyMap<string, FakeService>,
  specs: Readonly<Record<string, JsonObject>>,
): ReadonlyMap<string, FakeService> {
  return new Map(
    Object.entries(specs).map(([name, spec]) => [
      name,
      { id: before.get(name)?.id ?? `service-${ids.nonce(6)}`, spec, units: [] },
    ]),
  );
}

function withOrphan(
  handle: Handle,
  services: ReadonlyMap<string, FakeService>,
): ReadonlyMap<string, FakeService> {
  if (!handle.faults.has('orphan-service')) return services;
  const orphan = { id: 'service-orphan', spec: { command: orphanName }, units: [newUnit(handle)] };
  return new Map([...services, [orphanName, orphan]]);
}

const isEqual = (
  specs: Readonly<Record<string, JsonObject>>,
  services: ReadonlyMap<string, FakeService>,
): boolean =>
  JSON.stringify(specs) ===
  JSON.stringify(Object.fromEntries([...services].map(([name, { spec }]) => [name, spec])));

const mapSpecs = (
  specs: Readonly<Record<string, JsonObject>>,
  change: (spec: JsonObject) => JsonObject,
): Readonly<Record<string, JsonObject>> =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, change(spec)]));

const secretsOf = ({ context }: Handle, stage: 'base' | 'head'): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(stageEnv(context, stage))
      .filter(([name]) => isSecret(context, name))
      .map(([name, value]) => [name, sha256Hex(value)]),
  );

/** The app's own output at each start. */
function started(handle: Handle, stage: 'base' | 'head'): void {
  const { context, faults } = handle;
  handle.say(`fake app ${handle.app().version} started`);
  if (!faults.has('secret-in-log')) return;
  for (const [name, value] of Object.entries(stageEnv(context, stage)))
    if (isSecret(context, name)) handle.say(`configuration: ${name}=${value}`);
}
