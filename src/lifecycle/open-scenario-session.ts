// Opens what a run of a pack's scenario needs: secrets, bundle, first record, private folders, the product.

import { openBundle, type Bundle } from '../evidence/bundle.ts';
import { bundleRoot } from '../evidence/bundle-paths.ts';
import { canonicalJson } from '../evidence/canonical.ts';
import { journalFormat } from '../evidence/record.ts';
import type { JsonObject } from '../ports/json.ts';
import type { PackContext, PackPlaces } from '../ports/pack.ts';
import type { EvidenceSource } from './ask-judged.ts';
import { fill, type Places } from './fill-places.ts';
import { listStarted } from './list-runs.ts';
import { runId } from './open-session.ts';
import type { RunOptions } from './planned-run.ts';
import { makeRecorder } from './recorder.ts';
import { makeResourceLog, type OpenResources } from './resource-log.ts';
import { runResources } from './run-resources.ts';
import { makeRunSecrets } from './run-secrets.ts';
import type { Calls, ScenarioRun, ScenarioSession } from './scenario-session.ts';
import { workUndo } from './work-folder.ts';
import type { ScenarioWorld } from './world.ts';

export type ScenarioOptions = Pick<
  RunOptions,
  'store' | 'signal' | 'waitMs' | 'maxLifetimeMs' | 'project' | 'onRecord'
>;

export type OpenedScenario = {
  readonly session: ScenarioSession;
  readonly bundle: Bundle;
  readonly resources: OpenResources;
};

export type NamedRun = { readonly id: string; readonly lock: string };

/** Each run has a lock of its own: two of one scenario may go side by side. */
export function nameRun(world: ScenarioWorld): NamedRun {
  const id = runId(world);
  return { id, lock: `run-${id}` };
}

export async function openScenarioSession(
  world: ScenarioWorld,
  run: ScenarioRun,
  { id, lock }: NamedRun,
  options: ScenarioOptions & { readonly stop: AbortSignal },
): Promise<OpenedScenario> {
  const { store, stop } = options;
  const secrets = makeRunSecrets(world.ids, run.canary?.plant.builtin);
  const root = bundleRoot(store.root, id);
  const { pack, scenario } = run;
  await listStarted(world, store, {
    ...{ run: id, lock, app: pack.file.id, scenario: scenario.metadata.id },
  });
  const bundle = await openBundle({
    ...{ files: world.files, clock: world.clock, root, redactor: secrets.redactor },
    header: { format: journalFormat, run: id, store: store.id },
    onRecord: (record) => {
      calls.seq = record.seq;
      options.onRecord?.(record);
    },
  });
  const calls = { seq: 0, sources: [] as EvidenceSource[], touched: new Set<string>() };
  const recorder = makeRecorder(
    bundle,
    (path, content, mediaType) => bundle.put({ path, content, mediaType }),
    world.clock,
  );
  const memory: ScenarioSession['memory'] = {
    ...{ prepared: [], held: new Set(), before: new Map(), unscanned: [] },
  };
  const parts = { world, run, id, recorder, secrets, stop, memory };
  const session: ScenarioSession = {
    ...parts,
    redactor: secrets.redactor,
    ports: world.fixtures,
    undoRoot: `${store.root}/undo/${id}`,
    expected: new Map(run.expected.map((check) => [check.id, check])),
    context: contextOf(parts, { store: store.root, calls }),
    takeCalls: () => {
      const taken = { sources: [...calls.sources], touched: [...calls.touched] } as Calls;
      calls.sources.length = 0;
      calls.touched.clear();
      return taken;
    },
  };
  return { session, bundle, resources: makeResourceLog(bundle) };
}

type Parts = Pick<ScenarioSession, 'world' | 'run' | 'id' | 'secrets' | 'stop' | 'memory'>;
type Counted = { seq: number; sources: EvidenceSource[]; touched: Set<string> };

function contextOf(
  { world, run, id, secrets, stop, memory }: Parts,
  { store, calls }: { readonly store: string; readonly calls: Counted },
): PackContext {
  const { pack, scenario } = run;
  const { manifest, noManifestReason, releases } = scenario.spec;
  const work = `${store}/work/${id}`;
  const suffix = id.slice(-8);
  const places: PackPlaces = {
    ...{ pack: pack.root, work, run: id, suffix },
    product: `${work}/product`,
    home: `${work}/home`,
  };
  const instance = manifest === undefined ? undefined : pack.manifests.get(manifest);
  const name = `${instance?.metadata.name ?? noManifestReason?.contract ?? 'run'}-${suffix}`;
  const nonce = world.ids.nonce(16);
  const planted = Object.fromEntries(secrets.planted.map((each) => [each.name, each.value]));
  const filled: Places = { ...places, name, nonce, fixtures: {}, secrets: planted };
  return {
    ...places,
    ...{ name, nonce, secrets: planted, fixtures: {}, signal: stop },
    ...(instance === undefined
      ? {}
      : { manifest: JSON.parse(JSON.stringify(instance)) as JsonObject }),
    ...(releases === undefined
      ? {}
      : { releases: JSON.parse(JSON.stringify(releases)) as { readonly head: string } }),
    sleep: (milliseconds) => world.clock.sleep(milliseconds, stop),
    ports: run.portsFor({
      ...{ places, nonce, signal: stop, planted },
      env: () =>
        environmentOf(run, places, { ...memory.opened?.env, ...canaryEnvironment(run, nonce) }),
      surfaces: fill(JSON.parse(JSON.stringify(pack.file.surfaces)) as JsonObject, filled),
      requests: (fixture) =>
        memory.prepared.find(({ order }) => order.id === fixture)?.applied?.live?.log?.() ?? [],
      held: (each) => memory.held.add(each),
      witness: ({ touched, ...source }) => {
        for (const surface of touched) calls.touched.add(surface);
        calls.sources.push({ call: calls.seq, ...source });
      },
    }),
  };
}

/** Of the run alone: nothing of whoever started it, and of the host its programs only. */
function environmentOf(
  { path, dockerHost }: ScenarioRun,
  { home, work, suffix }: PackPlaces,
  more: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    ...{ PATH: path, HOME: home, TMPDIR: `${work}/tmp`, LANG: 'C.UTF-8', DOCKER_HOST: dockerHost },
    XDG_RUNTIME_DIR: runtimeFolder(suffix),
    ...more,
  };
}

/** Sockets have short paths, and a store may lie deep. */
export const runtimeFolder = (suffix: string): string => `/tmp/st-${suffix}`;

/** What tells programs of the product that they have a planted fault. */
export function canaryEnvironment(
  { pack, canary }: Pick<ScenarioRun, 'pack' | 'canary'>,
  nonce: string,
): Readonly<Record<string, string>> {
  const { mutants } = pack.file;
  const id = canary?.plant.mutant;
  return mutants === undefined || id === undefined
    ? {}
    : { [mutants.variable]: id, [mutants.nonce]: nonce };
}

/** First record, then private folders, then the product. */
export async function beginScenario(
  { session, resources }: OpenedScenario,
  lock: string,
  options: ScenarioOptions,
): Promise<void> {
  const { world, recorder, run, id, context } = session;
  const plan = await recorder.put(
    'plan.json',
    new TextEncoder().encode(canonicalJson(run.plan)),
    'application/json',
  );
  const { scenario, pack, canary } = run;
  const operations = [
    ...scenario.spec.runtimeActions.map((each) => ({ name: each.id })),
    { name: 'remove' },
  ];
  await recorder.append({
    type: 'run.started',
    data: {
      ...{
        format: journalFormat,
        store: options.store.id,
        run: id,
        job: id,
        attempt: 1,
        lock,
        plan,
      },
      tool: { name: 'seatrial', version: world.toolVersion },
      ...{ host: world.host, pid: world.pid, app: pack.file.id, instance: context.name },
      scenario: scenario.metadata.id,
      driver: { kind: world.driver.kind, version: world.driver.version, fake: world.driver.fake },
      ...{ work: context.work, planDigest: plan.sha256, operations, expected: run.expected },
      base: { skipped: 'the scenario’s fixtures prepare what it starts from' },
      head: { origin: 'directory', ref: `subject:${run.subjectName}`, digest: run.identity.digest },
      selection: 'full',
      bound: {
        ...{ pack: pack.file.id, plan: run.planDigest, collectors: run.collectors },
        subject: { name: run.subjectName, ...run.identity },
      },
      ...(canary === undefined ? {} : { canary: canary.id }),
    },
  });
  await makeFolders(session);
  await resources.log.intended(
    runResources(id, {
      suffix: context.suffix,
      engine: scenario.spec.environment.needs.includes('docker'),
    }),
  );
}

const folderBudgetMs = 60_000;

async function makeFolders({ world, recorder, context, run }: ScenarioSession): Promise<void> {
  const { work, home, suffix, nonce } = context;
  const folders = { [workUndo]: work, 'runtime-folder': runtimeFolder(suffix) };
  for (const [undo, target] of Object.entries(folders))
    await recorder.append(
      {
        type: 'undo.registered',
        data: { undo, kind: 'folder', target, budgetMs: folderBudgetMs },
      },
      { durable: true },
    );
  for (const path of [work, runtimeFolder(suffix), home, context.product, `${work}/tmp`])
    await world.files.makeDirectory(path, 0o700);
  await world.files.replace(`${work}/package.json`, '{}\n');
  if (run.canary?.plant.mutant !== undefined)
    await world.files.replace(`${home}/.seatrial-canary`, `${nonce}\n`, 0o600);
}
