// From a command line to a world and a planned run.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeOverlayRunner } from '../drivers/overlays/runner.ts';
import { repositoryOf } from '../drivers/releases/git.ts';
import type { FakeFault } from '../drivers/fake/faults.ts';
import type { DriverFault } from '../drivers/planted/faults.ts';
import { openStore, type Store } from '../evidence/store.ts';
import { planRun } from '../lifecycle/plan-run.ts';
import type { PlannedRun } from '../lifecycle/planned-run.ts';
import type { World } from '../lifecycle/world.ts';
import type { AppDriver } from '../ports/app-driver.ts';
import type { JsonObject } from '../ports/json.ts';
import type { StackSource } from '../ports/stack.ts';
import type { Manifest } from '../scenario/manifest.ts';
import type { OperationName } from '../scenario/plan.ts';
import type { RunScenario } from '../scenario/scenarios.ts';
import { readSelection } from '../scenario/skip-rules.ts';
import { bindRun } from './bind-run.ts';
import { findOverlays } from './find-overlays.ts';
import {
  manifestText,
  openProblemReport,
  readManifest,
  type ProblemReport,
} from './load-manifest.ts';
import type { OwnerContext } from './recipe-owner.ts';
import { allowlistFor } from './open-allowlist.ts';
import {
  dependencyRequest,
  openDependencies,
  withStacksOf,
  type OpenedDependency,
} from './open-dependencies.ts';
import { openScenario } from './open-scenario.ts';
import { gitFor, releasesFor, settingsOf } from './manifest-parts.ts';
import { checkSecrets } from './check-secrets.ts';
import { findSigner } from './signing.ts';
import { overlayReaders } from '../checks/overlay-readers.ts';
import { UsageError, type Terminal } from './command.ts';
import type { RunInputs } from './run-options.ts';
import { skipFloorOf } from './skip-floor.ts';
import { version } from './version.ts';
import { describeHost, makeDrivers, makeSystem, systemSandbox } from './world.ts';

export type Composed = {
  readonly world: World;
  readonly planned: PlannedRun;
  readonly store: Store;
  readonly settings: JsonObject;
  /** Folder of the manifest. */
  readonly folder: string;
  /** The scenario's own limit of time for the run. */
  readonly limitMs?: number;
};

/** A planted fault, for canary runs. */
export type Planted = {
  readonly id: string;
  readonly faults?: readonly FakeFault[];
  /** Of a driver of containers. */
  readonly driver?: ReadonlySet<DriverFault>;
  readonly env?: Readonly<Record<string, string>>;
};

export type ComposeOptions = {
  readonly json: boolean;
  readonly key?: string;
  readonly planted?: Planted;
  readonly onProgress?: (line: string) => void;
};

export async function composeRun(
  asked: RunInputs,
  terminal: Terminal,
  options: ComposeOptions,
): Promise<Composed> {
  const problems = openProblemReport(terminal, options.json);
  const { scenario, inputs, judge, limitMs, notes } = await openScenario(asked, terminal, problems);
  const { folder, ops } = inputs;
  const read = await readManifest(inputs, problems);
  judge.manifest(read);
  const skipped = skipFloorOf(terminal);
  const planted = plant(read, options.planted);
  const manifest = { ...planted, skipFloor: { ...skipped, ...planted.skipFloor } };
  const written = new TextDecoder().decode(await manifestText(inputs));
  checkSecrets(manifest, terminal.env, written);
  const beside = await openDependencies(manifest, inputs, { terminal, problems });
  const around = { terminal, problems, beside, ...options };
  const world = await composeWorld(manifest, inputs, around);
  const found = await findOverlays(world.overlays, { folder, scenario }, problems);
  problems.end();
  const store = await openStore({ ...world, root: inputs.store });
  const bound = await bindRun(inputs, terminal.node);
  const { grants } = await allowlistFor(inputs, manifest, { terminal, json: options.json });
  const planned = await planRun(world, {
    ...inputs,
    settings: settingsOf(manifest, folder),
    ...{ manifest, store, grants, overlays: found.files, scenario },
    dependencies: beside.map((each) => dependencyRequest(each, inputs, terminal)),
    ...(ops === undefined ? {} : { selection: selectionOf(ops, scenario) }),
    ...(Object.keys(skipped).length === 0 ? {} : { lowered: true }),
    signal: terminal.signal,
    ...(options.planted === undefined ? {} : { canary: options.planted.id }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  if ('refusal' in planned) throw new UsageError(planned.refusal.message, planned.refusal.hint);
  judge.plan(planned.plan);
  problems.end();
  return {
    ...{ world, store, folder },
    settings: settingsOf(planned.plan.manifest, folder),
    planned: {
      ...planned,
      ...(bound === undefined ? {} : { bound }),
      notes: [...planned.notes, ...notes, ...found.notes],
    },
    ...(limitMs === undefined ? {} : { limitMs }),
  };
}

function selectionOf(ops: string, { operations }: RunScenario): readonly OperationName[] {
  const selection = readSelection(ops, operations);
  if ('unknown' in selection)
    throw new UsageError(`--ops: unknown operation ${selection.unknown}`, selection.hint);
  return selection.operations;
}

const plant = (manifest: Manifest, planted: Planted | undefined): Manifest =>
  planted?.env === undefined ? manifest : { ...manifest, env: { ...manifest.env, ...planted.env } };

async function composeWorld(
  manifest: Manifest,
  { folder, store }: RunInputs,
  options: ComposeOptions & {
    readonly terminal: Terminal;
    readonly problems: ProblemReport;
    readonly beside: readonly OpenedDependency[];
  },
): Promise<World> {
  const { terminal, problems, planted, key, beside } = options;
  const system = makeSystem(terminal);
  const recipes = await recipesOf(
    manifest,
    { folder, terminal, problems },
    {
      ...{ beside, faults: planted?.driver },
    },
  );
  const { source } = manifest;
  const git = gitFor(store, system, terminal);
  const drivers = makeDrivers(system, {
    cloneTo: (to) => git.cloneTo(repositoryOf({ source, manifestFolder: folder }), to),
    faults: planted?.faults ?? [],
    ...(planted === undefined ? { worldFile: join(store, 'fake-world.json') } : {}),
    ...recipes.forDrivers,
  });
  const signer = await findSigner(key === undefined ? {} : { key }, terminal);
  const sandbox = systemSandbox(system, terminal, [store, folder]);
  return {
    ...system,
    sandbox,
    http: drivers.httpFor(manifest.driver),
    driver: recipes.wrap(drivers.driverFor(manifest.driver)),
    driverFor: drivers.driverFor,
    releases: releasesFor(manifest, { folder, store }, terminal),
    ...recipes.forPlans,
    overlays: makeOverlayRunner({
      processes: system.processes,
      sandbox,
      readers: overlayReaders,
      node: terminal.node,
      path: terminal.env['PATH'] ?? '',
      work: tmpdir(),
    }),
    ...(signer === undefined ? {} : { signer }),
    host: describeHost(),
    pid: terminal.pid,
    toolVersion: version,
    environment: (name) => terminal.env[name],
  };
}

type Recipes = {
  readonly wrap: (driver: AppDriver) => AppDriver;
  readonly forDrivers: { readonly stacks?: StackSource };
  readonly forPlans: Pick<World, 'recipes'>;
};

/** abra reads the recipe's own files at the root of its repository, and no others. */
function checkAbra({ compose = [], ports = {}, base, source: { path } }: Manifest): void {
  const moved = Object.values(ports).some((rule) => rule !== 'keep');
  if (compose.length > 0 || base.repair !== undefined || moved)
    throw new UsageError(
      'driver abra deploys the recipe as it is: it takes no `compose`, `base.repair` or moved `ports`',
      'take driver swarm for them',
    );
  if (path !== '.')
    throw new UsageError(
      'driver abra wants the recipe at the root of its repository, not in `source.path`',
      'take driver swarm for it',
    );
}

type Deployed = {
  readonly beside: readonly OpenedDependency[];
  /** Of the driver. */
  readonly faults: ReadonlySet<DriverFault> | undefined;
};

/** Drivers of containers alone read recipes and Compose files. */
async function recipesOf(
  manifest: Manifest,
  around: OwnerContext,
  { beside, faults }: Deployed,
): Promise<Recipes> {
  const wrap: Recipes['wrap'] = (driver) => driver;
  if (manifest.driver === 'abra') checkAbra(manifest);
  else if (manifest.driver !== 'compose' && manifest.driver !== 'swarm')
    return { forDrivers: {}, forPlans: {}, wrap };
  const { readOwner } = await import('./recipe-owner.ts');
  const { makeRecipeReader, makeRecipeStacks } = await import('./recipe-stacks.ts');
  const owner = await readOwner(manifest, around);
  const stacks = withStacksOf(makeRecipeStacks(owner), beside);
  const forPlans = { recipes: makeRecipeReader(owner) };
  if (faults === undefined) return { forDrivers: { stacks }, forPlans, wrap };
  const { openPlanting, plantedDriver, plantedStacks } =
    await import('../drivers/planted/driver.ts');
  const planting = openPlanting(faults);
  return {
    forDrivers: { stacks: plantedStacks(stacks, planting) },
    forPlans,
    wrap: (driver) => plantedDriver(driver, planting),
  };
}
