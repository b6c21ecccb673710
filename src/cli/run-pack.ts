// Runs one scenario of a pack: everything is looked at and prepared before the first record.

import { systemFiles } from '../drivers/files.ts';
import { packPortsOf } from '../drivers/pack/ports.ts';
import { makeSandboxDriver } from '../drivers/sandbox/driver.ts';
import { openStore } from '../evidence/store.ts';
import type { ScenarioOptions } from '../lifecycle/open-scenario-session.ts';
import { expectedOf } from '../lifecycle/scenario-checks-expected.ts';
import type { RunResult } from '../lifecycle/planned-run.ts';
import { runScenario } from '../lifecycle/run-scenario.ts';
import type { ScenarioRun } from '../lifecycle/scenario-session.ts';
import type { ScenarioWorld } from '../lifecycle/world.ts';
import type { JournalRecord } from '../evidence/record.ts';
import type { JsonObject } from '../ports/json.ts';
import type { OpenedSubject, PackSubject } from '../ports/pack.ts';
import { WorldError } from '../ports/world-error.ts';
import type { Canary } from '../scenario/canaries.ts';
import type { Pack } from '../scenario/load-pack.ts';
import { collectorsDigest, planDigestOf, scenarioPlan } from '../scenario/scenario-plan.ts';
import type { Scenario } from '../scenario/scenario-schema.ts';
import { UsageError, type Terminal } from './command.ts';
import { assertPossible, environmentUnmet, preparedNeeds } from './environment-needs.ts';
import { packCache } from './fixtures-options.ts';
import { loadFunctions } from './open-pack.ts';
import { markUsed, unpreparedReason } from './prepared.ts';
import { projectReports } from './projections.ts';
import { findSigner } from './signing.ts';
import { version } from './version.ts';
import { describeHost, engineOf, makeDrivers, makeSystem, type System } from './world.ts';

export type PackRun = {
  readonly pack: Pack;
  readonly scenario: string;
  /** Absolute. */
  readonly store: string;
  readonly subject?: string;
  /** What the subject's file of settings says; absent for one that has none. */
  readonly settings?: JsonObject;
  readonly allowSystem?: boolean;
  readonly canary?: Canary;
  readonly key?: string;
  readonly waitMs: number;
  readonly maxLifetimeMs: number;
  readonly onRecord?: (record: JournalRecord) => void;
};

/** What a run would do and must show; it changes nothing. */
export function planPack({ pack, scenario }: Pick<PackRun, 'pack' | 'scenario'>) {
  const plan = scenarioPlan(pack, scenario);
  const file = scenarioOf(pack, scenario);
  return { plan, digest: planDigestOf(plan), file, expected: expectedOf(pack, file) };
}

export function renderPackPlan({ file, digest, expected }: ReturnType<typeof planPack>): string {
  const { metadata, spec } = file;
  const said = (title: string, lines: readonly string[]): readonly string[] => [
    ...['', title],
    ...(lines.length === 0 ? ['  none'] : lines.map((line) => `  ${line}`)),
  ];
  return [
    `plan of scenario ${metadata.id}: ${metadata.title}`,
    `  digest ${digest}`,
    ...said('given', spec.text.given),
    ...said('when', spec.text.when),
    ...said('then', spec.text.then),
    ...said('needs', spec.environment.needs),
    ...said(
      'fixtures, put back last first',
      spec.fixtures.map(({ id, kind, role = 'no role' }) => `${id} (${kind}, ${role})`),
    ),
    ...said(
      'actions, each once',
      spec.runtimeActions.map(
        ({ id, use, action = use, timeout }) => `${id}: ${action}, at most ${timeout}`,
      ),
    ),
    ...said(
      `expected checks (${String(expected.length)})`,
      expected.map(({ id, after, title }) => `${id.padEnd(42)} after ${after}: ${title}`),
    ),
    ...['', 'A plan is no evidence.', ''],
  ].join('\n');
}

function scenarioOf(pack: Pack, id: string): Scenario {
  const found = pack.scenarios.get(id)?.value;
  if (found !== undefined) return found;
  const known = [...pack.scenarios.keys()].join(', ');
  throw new UsageError(`the pack ${pack.file.id} has no scenario ${id}`, `known: ${known}`);
}

export async function runPack(asked: PackRun, terminal: Terminal): Promise<RunResult> {
  const { world, run, options } = await openPackRun(asked, terminal);
  return runScenario(world, run, options);
}

/** All that the run needs. Nothing is changed yet but the store, which is there afterwards. */
export async function openPackRun(
  asked: PackRun,
  terminal: Terminal,
): Promise<{
  readonly world: ScenarioWorld;
  readonly run: ScenarioRun;
  readonly options: ScenarioOptions;
}> {
  const { store: root, key } = asked;
  const { plan, digest, file } = planPack(asked);
  assertNoMutant(asked.pack, terminal);
  const cache = packCache(root, asked.pack);
  await assertPossible(file, terminal, {
    unprepared: (id) => unpreparedReason({ pack: asked.pack, cache, id }),
  });
  for (const id of preparedNeeds(file)) await markUsed(cache, id);
  const system = makeSystem(terminal);
  const run = await prepareRun(asked, { file, plan, digest, system, terminal });
  const signer = await findSigner(key === undefined ? {} : { key }, terminal);
  const world: ScenarioWorld = {
    ...system,
    driver: makeSandboxDriver({ host: system.docker.host }),
    driverFor: makeDrivers(system).driverFor,
    ...(signer === undefined ? {} : { signer }),
    ...{ host: describeHost(), pid: terminal.pid, toolVersion: version },
    environment: (variable: string) => terminal.env[variable],
  };
  const options: ScenarioOptions = {
    store: await openStore({ ...system, root }),
    ...{ signal: terminal.signal, waitMs: asked.waitMs },
    maxLifetimeMs: asked.maxLifetimeMs,
    project: projectReports(root),
    ...(asked.onRecord === undefined ? {} : { onRecord: asked.onRecord }),
  };
  return { world, run, options };
}

/** What a run of the scenario would be about, now. */
export async function prepareSubject(
  asked: Omit<PackRun, 'waitMs' | 'maxLifetimeMs'>,
  { signal, env }: Pick<Terminal, 'signal' | 'env'>,
) {
  const { pack, scenario, store, canary, settings } = asked;
  const file = scenarioOf(pack, scenario);
  const subjectName = subjectNameOf(asked);
  const { modules, subject: subjectOf } = await loadFunctions(pack);
  const subject = subjectOf(subjectName);
  if (subject === undefined)
    throw new UsageError(`the pack ${pack.file.id} has no subject ${subjectName}`);
  const said = settings === undefined ? {} : { settings };
  const unmet = await subject.unmet?.({
    ...conditionsOf(file, env),
    ...{ pack: pack.root, signal, ...said },
  });
  if (unmet !== undefined && unmet.length > 0) throw environmentUnmet(unmet);
  const cache = packCache(store, pack);
  await systemFiles.makeDirectory(cache);
  const identity = await subject.prepare({
    ...{ pack: pack.root, cache, canary: canary?.plant.mutant !== undefined },
    ...{ signal, ...said },
  });
  const open: PackSubject['open'] = async (places) =>
    lookedAt(await subject.open({ ...places, ...said }));
  return { modules, subject: { ...subject, open }, subjectName, identity, cache };
}

/** What cannot be looked at is the testbed's trouble, and no bug: the product may answer anything. */
function lookedAt({ observe, ...opened }: OpenedSubject): OpenedSubject {
  if (observe === undefined) return opened;
  return {
    ...opened,
    observe: async (context) => {
      try {
        return await observe(context);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new WorldError('unavailable', `the subject cannot be looked at: ${why}`, { cause });
      }
    },
  };
}

/** Of those that the scenario is for: the one that is asked for, or its first. */
export function subjectNameOf({
  pack,
  scenario,
  subject,
}: Pick<PackRun, 'pack' | 'scenario' | 'subject'>): string {
  const { product } = scenarioOf(pack, scenario).spec.environment;
  const name = subject ?? product[0] ?? '';
  if (product.includes(name)) return name;
  throw new UsageError(
    `the scenario cannot run on subject ${name}`,
    `it is for ${product.join(', ')}`,
  );
}

/** What a scenario asks of whatever product it runs on. */
function conditionsOf({ spec }: Scenario, env: Terminal['env']) {
  const inputs = [...spec.fixtures, ...spec.runtimeActions].map(({ with: each }) => each);
  const named = JSON.stringify(inputs).matchAll(/\{product\}\/([^"{}]+)/g);
  return {
    dockerHost: spec.environment.needs.includes('docker') ? engineOf(env).host : '',
    isOwnEngine: (env['SEATRIAL_DOCKER_HOST'] ?? '') !== '',
    places: [...new Set([...named].map(([, path = '']) => path))].sort(),
    actions: [...new Set(spec.runtimeActions.map(({ use, action }) => action ?? use))].sort(),
  };
}

type Preparing = {
  readonly file: Scenario;
  readonly plan: JsonObject;
  readonly digest: string;
  readonly system: System;
  readonly terminal: Terminal;
};

async function prepareRun(
  asked: PackRun,
  { file, plan, digest, system, terminal }: Preparing,
): Promise<ScenarioRun> {
  const { pack, canary } = asked;
  return {
    ...{ pack, scenario: file, plan, planDigest: digest },
    ...(await prepareSubject(asked, terminal)),
    collectors: collectorsDigest(pack),
    expected: expectedOf(pack, file),
    portsFor: packPortsOf({ ...system, dockerHost: system.docker.host }),
    path: terminal.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    dockerHost: system.docker.host,
    allowSystem: asked.allowSystem === true,
    ...(canary === undefined ? {} : { canary }),
  };
}

/** M2: a fault that somebody's shell has set would be in every run from then on. */
function assertNoMutant({ file: { mutants } }: Pack, { env }: Terminal): void {
  if (mutants === undefined || env[mutants.variable] === undefined) return;
  throw new UsageError(
    `${mutants.variable} is set in this environment`,
    'unset it: planted faults are switched on by seatrial canaries run alone',
  );
}
