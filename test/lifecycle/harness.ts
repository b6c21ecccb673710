// Whole runs in this process: the fake driver, releases in memory, and otherwise the real parts on
// a store in a temporary folder.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { decodeSource } from '../../src/diagnostics/source.ts';
import { makeFakeDriver } from '../../src/drivers/fake/driver.ts';
import type { FakeFault } from '../../src/drivers/fake/faults.ts';
import { makeFixturePorts } from '../../src/drivers/fixtures/paths.ts';
import { systemHttp } from '../../src/drivers/http.ts';
import { makeFakeHttp } from '../../src/drivers/fake/http.ts';
import { openFakeWorld, type FakeWorldStore } from '../../src/drivers/fake/world.ts';
import { systemArchives } from '../../src/drivers/archives.ts';
import { systemFiles } from '../../src/drivers/files.ts';
import { systemIds } from '../../src/drivers/ids.ts';
import { makeLocks } from '../../src/drivers/locks.ts';
import { makeProcesses } from '../../src/drivers/process/run.ts';
import { sha256Hex } from '../../src/evidence/canonical.ts';
import { openStore, type Store } from '../../src/evidence/store.ts';
import { verifyBundle } from '../../src/evidence/verify.ts';
import type { RunState } from '../../src/evidence/run-state.ts';
import type { Projection } from '../../src/lifecycle/close-bundle.ts';
import { planRun } from '../../src/lifecycle/plan-run.ts';
import type { PlanRequest } from '../../src/lifecycle/plan-request.ts';
import type { PlannedRun, RunOptions } from '../../src/lifecycle/planned-run.ts';
import { runPlanned } from '../../src/lifecycle/run.ts';
import type { World } from '../../src/lifecycle/world.ts';
import type { Files } from '../../src/ports/files.ts';
import type { JsonObject } from '../../src/ports/json.ts';
import type { Lock, Locks } from '../../src/ports/locks.ts';
import type { OverlayRunner } from '../../src/ports/overlays.ts';
import type { PreparedRelease, Release, ReleaseSources } from '../../src/ports/release.ts';
import type { Sandbox } from '../../src/ports/sandbox.ts';
import { WorldError } from '../../src/ports/world-error.ts';
import { loadManifest } from '../../src/scenario/load-manifest.ts';
import type { Manifest } from '../../src/scenario/manifest.ts';
import type { OperationName, OverlayFile } from '../../src/scenario/plan.ts';
import { builtInScenario } from '../../src/scenario/scenarios.ts';
import { keepBundles } from '../kept-bundles.ts';
import { makeIdleClock, type IdleClock } from './idle-clock.ts';

// Whole runs on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

export const never = new AbortController().signal;

const host = {
  os: 'linux',
  arch: 'x64',
  kernel: '6',
  node: '20',
  bootId: 'boot-1',
  name: 'host',
};

/** Files that hold the clock still while they are busy. */
export function heldFiles(files: Files, { during }: IdleClock): Files {
  const held = Object.fromEntries(
    Object.entries(files).map(([name, call]) => [
      name,
      (...args: unknown[]) =>
        during(() => (call as (...all: unknown[]) => Promise<unknown>)(...args)),
    ]),
  ) as unknown as Files;
  return {
    ...held,
    stream: async function* (path) {
      const chunks = await during(async () => {
        const read: Uint8Array[] = [];
        for await (const chunk of files.stream(path)) read.push(chunk);
        return read;
      });
      yield* chunks;
    },
    place: async (...args) => {
      const sync = await held.place(...args);
      return () => during(sync);
    },
    openAppend: async (path, options) => {
      const file = await held.openAppend(path, options);
      return {
        get sizeBytes() {
          return file.sizeBytes;
        },
        append: (bytes) => during(() => file.append(bytes)),
        sync: () => during(() => file.sync()),
        close: () => during(() => file.close()),
      };
    },
  };
}

function heldLocks(locks: Locks, { during }: IdleClock): Locks {
  const held = (lock: Lock): Lock => ({ ...lock, release: () => during(() => lock.release()) });
  return {
    tryAcquire: async (name) => {
      const lock = await during(() => locks.tryAcquire(name));
      return lock === undefined ? undefined : held(lock);
    },
    acquire: async (name, options) => held(await during(() => locks.acquire(name, options))),
  };
}

/** Releases that exist by their version alone; `digests` gives two of them one content. */
export function memoryReleases(
  versions: readonly string[],
  digests: Readonly<Record<string, string>> = {},
): ReleaseSources {
  const release = (version: string): Release => ({
    origin: 'directory',
    ref: `dir:${version}`,
    version,
  });
  return {
    published: () => Promise.resolve(versions.map(release)),
    resolve: (ref) => {
      const version = ref.replace(/^dir:/, '');
      return versions.includes(version)
        ? Promise.resolve(release(version))
        : Promise.reject(new WorldError('not-found', `no release ${ref}`));
    },
    isAncestor: () => Promise.resolve(undefined),
    committed: () => Promise.resolve(undefined),
    prepare: (found): Promise<PreparedRelease> =>
      Promise.resolve({
        release: found,
        root: '/nowhere',
        digest: digests[found.version ?? ''] ?? sha256Hex(found.ref),
        cached: false,
      }),
  };
}

/** Overlays that pass without running anything, unless `verdicts` says otherwise. */
export function memoryOverlays(
  verdicts: Readonly<Record<string, 'passed' | 'failed'>> = {},
): OverlayRunner {
  return {
    discover: () => Promise.resolve([]),
    run: (selection, _facts, { onStart, onResult }) =>
      Promise.resolve(
        selection.checks.map(({ id }) => {
          const verdict = verdicts[id] ?? ('passed' as const);
          const outcome = { id, verdict, message: 'asked', durationMs: 1 };
          const whole = { ...outcome, evidence: [], touched: [] };
          onStart?.(id);
          onResult?.(whole);
          return whole;
        }),
      ),
  };
}

const noSandbox: Sandbox = {
  state: () => Promise.resolve({ unavailable: 'not in these tests' }),
  addressOf: (url) => url,
  run: () => Promise.reject(new WorldError('unavailable', 'no-sandbox')),
  python: () => Promise.resolve(undefined),
};

export const overlay = (operation: OperationName, name: string): OverlayFile => ({
  path: `${operation}.${name}.check.mjs`,
  kind: 'module',
  operation,
  sha256: sha256Hex(name),
  checks: [{ id: `overlay.${name}`, name }],
});

export function manifestOf(more = ''): Manifest {
  const text = `seatrial: 1
app: fake
driver: fake
source: { directory: releases }
timeouts: { settle: 0, http: 5, deploy: 60, hook: 10, remove: 60 }
${more}`;
  const { source } = decodeSource('seatrial.yaml', new TextEncoder().encode(text));
  const { manifest, problems } = loadManifest(source, { exists: () => true });
  if (manifest === undefined) throw new Error(JSON.stringify(problems));
  return manifest;
}

export type BenchOptions = {
  readonly faults?: readonly FakeFault[];
  readonly releases?: ReleaseSources;
  readonly overlays?: OverlayRunner;
  readonly sandbox?: Sandbox;
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: (files: Files) => Files;
  /** Replaces parts of the world. */
  readonly world?: (world: World) => World;
};

export type Asked = {
  readonly manifest?: Manifest;
  readonly plan?: Partial<PlanRequest>;
  readonly run?: Partial<RunOptions>;
};

/** Stands in for the reporters, which have tests of their own. */
export const reports: (state?: RunState) => Promise<readonly Projection[]> = () =>
  Promise.resolve([
    { name: 'report.html', text: '<p>report</p>' },
    { name: 'junit.xml', text: '<testsuites/>' },
    { name: 'ctrf.json', text: '{}' },
  ]);

export type Bench = Awaited<ReturnType<typeof makeBench>>;

const benches: string[] = [];

/** For afterEach. */
export async function removeBenches(): Promise<void> {
  for (const root of benches.splice(0)) {
    await keepBundles(join(root, 'store'));
    await rm(root, { recursive: true, force: true });
  }
}

export async function makeBench(options: BenchOptions = {}) {
  const root = await mkdtemp(join(tmpdir(), 'seatrial-lifecycle-'));
  benches.push(root);
  const folder = join(root, 'app');
  await mkdir(folder);
  const clock = makeIdleClock();
  const fakeWorld = openFakeWorld();
  const plain = heldFiles(systemFiles, clock);
  const files = options.files?.(plain) ?? plain;
  const searchPath = process.env['PATH'] ?? '';
  const locks = heldLocks(makeLocks({ folder: join(root, 'locks'), searchPath }), clock);
  const processes = makeProcesses({ searchPath });
  const store = await openStore({ files: plain, ids: systemIds, locks, root: join(root, 'store') });
  const makeWorld = (faults: readonly FakeFault[]): World => {
    const driver = makeFakeDriver({ clock, ids: systemIds, faults, world: fakeWorld, files });
    const made: World = {
      ...{ clock, files, locks, driver, host },
      ids: systemIds,
      archives: systemArchives,
      fixtures: makeFixturePorts({
        ...{ files, processes, clock, http: systemHttp },
        dockerHost: '/no-engine',
      }),
      http: makeFakeHttp(fakeWorld, faults),
      processes: { ...processes, run: (spec) => clock.during(() => processes.run(spec)) },
      driverFor: () => driver,
      releases: options.releases ?? memoryReleases(['1.0.0', '1.1.0']),
      overlays: options.overlays ?? memoryOverlays(),
      sandbox: options.sandbox ?? noSandbox,
      pid: process.pid,
      toolVersion: '0.0.0',
      environment: (name) => options.environment?.[name],
    };
    return options.world?.(made) ?? made;
  };
  const world = makeWorld(options.faults ?? []);
  const bench = { root, folder, clock, fakeWorld, store, world, makeWorld };
  return { ...bench, ...verbs(bench) };
}

type BenchParts = {
  readonly folder: string;
  readonly store: Store;
  readonly world: World;
  readonly fakeWorld: FakeWorldStore;
};

function verbs({ folder, store, world }: BenchParts) {
  const plan = async ({ manifest = manifestOf(), plan: asked }: Asked = {}, on = world) => {
    const scenario = builtInScenario('lifecycle');
    if (scenario === undefined) throw new Error('no such scenario');
    const planned = await planRun(on, {
      ...{ manifest, folder, store, scenario, lastGreen: true, overlays: [] },
      settings: settingsOf(manifest, folder),
      ...asked,
    });
    if ('refusal' in planned) throw new Error(planned.refusal.message);
    return planned;
  };
  const execute = (planned: PlannedRun, asked: Partial<RunOptions> = {}, on = world) =>
    runPlanned(on, planned, {
      ...{ store, folder, signal: never, waitMs: 20_000, maxLifetimeMs: 3_600_000 },
      settings: settingsOf(planned.plan.manifest, folder),
      project: reports,
      ...asked,
    });
  return {
    plan,
    execute,
    run: async (asked: Asked = {}, on = world) => execute(await plan(asked, on), asked.run, on),
    verify: (run: string) =>
      verifyBundle({ files: systemFiles, root: `${store.root}/runs/${run}` }),
  };
}

function settingsOf(manifest: Manifest, folder: string): JsonObject {
  const { process, fake, probes, health, backup, data, timeouts } = manifest;
  const settings = { process, fake, probes, health, backup, data, timeouts, folder };
  return JSON.parse(JSON.stringify(settings)) as JsonObject;
}
