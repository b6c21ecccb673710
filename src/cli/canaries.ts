// Runs a pack's canaries: each planted fault in a run of its own, and whether the checks it must
// kill went red. A check that no fault kills proves nothing by being green.

import { dirname, join, resolve } from 'node:path';
import { everyFakeFault, type FakeFault } from '../drivers/fake/faults.ts';
import { readDriverFaults } from '../drivers/planted/faults.ts';
import { systemFiles } from '../drivers/files.ts';
import { decodeSource } from '../diagnostics/source.ts';
import type { RunState } from '../evidence/run-state.ts';
import type { Verdict } from '../evidence/verdict.ts';
import { runPlanned } from '../lifecycle/run.ts';
import { WorldError } from '../ports/world-error.ts';
import type { Pack } from '../scenario/load-pack.ts';
import { loadCanaries, wantedRed, type Canary } from '../scenario/canaries.ts';
import { UsageError, type Terminal } from './command.ts';
import { composeRun, type Planted } from './compose-run.ts';
import { scenarioAsked } from './run-options.ts';
import type { ProblemReport } from './load-manifest.ts';
import { projectReports } from './projections.ts';

export type CanaryResult = {
  readonly id: string;
  readonly scenario: string;
  readonly outcome: 'red' | 'green' | 'could-not-run';
  /** Checks that this fault was seen to kill. */
  readonly killed: readonly string[];
  readonly asked: readonly string[];
  readonly message: string;
  readonly run?: string;
};

export async function readCanaries(
  pack: string,
  problems: ProblemReport,
): Promise<readonly Canary[]> {
  const path = join(pack, 'canaries', 'canaries.yaml');
  if ((await systemFiles.stat(path)) === undefined)
    throw new UsageError(`${path} does not exist`, 'a pack keeps its planted faults there');
  const { source } = decodeSource(path, await systemFiles.read(path));
  const { canaries, problems: found } = loadCanaries(source);
  problems.add({ source, diagnostics: found });
  problems.end();
  return canaries ?? [];
}

export async function runCanary(
  canary: Canary,
  context: { readonly pack: string; readonly store: string; readonly terminal: Terminal },
): Promise<CanaryResult> {
  try {
    return judge(canary, await runOne(canary, context));
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return couldNotRun(canary, error);
  }
}

const couldNotRun = ({ id, scenario }: Canary, { message }: WorldError): CanaryResult => ({
  ...{ id, scenario, outcome: 'could-not-run', killed: [], asked: [], message },
});

async function runOne(
  canary: Canary,
  { pack, store, terminal }: Parameters<typeof runCanary>[1],
): Promise<RunState> {
  if (canary.manifest === undefined)
    throw new UsageError(`canary ${canary.id} names no manifest`, 'add `manifest`');
  const manifestPath = resolve(pack, canary.manifest);
  const { head } = canary.plant;
  const inputs = {
    ...{ manifestPath, folder: dirname(manifestPath), store, lastGreen: false },
    ...scenarioAsked(canary.scenario, pack),
    manifestGiven: true,
    ...(head === undefined ? {} : { head }),
    ...(canary.ops === undefined ? {} : { ops: canary.ops }),
    ...(canary.base === undefined ? {} : { base: canary.base }),
  };
  const planted = plantedBy(canary);
  const composed = await composeRun(inputs, terminal, { json: false, planted });
  const { state } = await runPlanned(composed.world, composed.planned, {
    ...{ store: composed.store, settings: composed.settings, folder: composed.folder },
    signal: terminal.signal,
    waitMs: 60_000,
    maxLifetimeMs: 600_000,
    canary: planted.id,
    project: projectReports(store),
  });
  return state;
}

function plantedBy({ id, plant }: Canary): Planted {
  if (plant.builtin !== undefined) return { id: plant.builtin };
  const unknown = (plant.fake ?? []).find((fault) => !everyFakeFault.includes(fault as FakeFault));
  if (unknown !== undefined)
    throw new UsageError(`canary ${id}: the fake driver has no fault ${JSON.stringify(unknown)}`);
  return {
    id,
    ...(plant.fake === undefined ? {} : { faults: plant.fake as FakeFault[] }),
    ...(plant.env === undefined ? {} : { env: plant.env }),
    ...(plant.driver === undefined ? {} : { driver: readDriverFaults(plant.driver) }),
  };
}

/** Runs canaries of a pack's own scenarios, on their first subjects; see `openPackCanaries`. */
export type PackCanaries = { readonly run: (canary: Canary) => Promise<CanaryResult> };

/**
 * What was run before and is about what is there now is not run again (N8). Each scenario is also run
 * without a fault: a check that is red there too was killed by no fault.
 */
export async function openPackCanaries(
  pack: Pack,
  { store, terminal }: { readonly store: string; readonly terminal: Terminal },
): Promise<PackCanaries> {
  const { runPack } = await import('./run-pack.ts');
  const { openFreshRuns } = await import('./fresh-runs.ts');
  const fresh = openFreshRuns(store, terminal);
  const limits = { waitMs: 60_000, maxLifetimeMs: 1_800_000 };
  const stateOf = async (scenario: string, canary?: Canary): Promise<RunState> => {
    const asked = { ...{ pack, scenario, store }, ...(canary === undefined ? {} : { canary }) };
    const known = await fresh.find(asked);
    return known?.state ?? (await runPack({ ...asked, ...limits }, terminal)).state;
  };
  const sound = new Map<string, Promise<RunState>>();
  const soundOf = (scenario: string): Promise<RunState> => {
    const known = sound.get(scenario) ?? stateOf(scenario);
    sound.set(scenario, known);
    return known;
  };
  return {
    run: async (canary) => {
      try {
        const clean = await soundOf(canary.scenario);
        return unlessRedAnyway(
          canary,
          clean,
          judge(canary, await stateOf(canary.scenario, canary)),
        );
      } catch (error) {
        if (!(error instanceof WorldError)) throw error;
        return couldNotRun(canary, error);
      }
    },
  };
}

/** What a run without the fault did not pass says nothing of the fault. */
function unlessRedAnyway({ kills }: Canary, clean: RunState, result: CanaryResult): CanaryResult {
  const verdicts = new Map(clean.checks.map((check) => [check.id, check.verdict]));
  // A check of the harness itself may be expected only where its fault is planted.
  const anyway = wantedRed(kills).filter(
    ({ check }) => (verdicts.get(check) ?? 'passed') !== 'passed',
  );
  if (anyway.length === 0) return result;
  const told = anyway.map(
    ({ check }) => `${check} is ${verdicts.get(check) ?? ''} without the fault too`,
  );
  return {
    ...result,
    outcome: 'could-not-run',
    killed: result.killed.filter((id) => !anyway.some(({ check }) => check === id)),
    message: [...told, `run ${clean.started.run}`].join('; '),
  };
}

/**
 * Red: every check in `kills` has the wanted verdict, and none in `spares` was hurt by the fault. Of a run that did
 * not go through to its end, or of which a check in `kills` was not judged, nothing can be said.
 */
export function judge(
  { id, scenario, kills, spares }: Pick<Canary, 'id' | 'scenario' | 'kills' | 'spares'>,
  state: Pick<RunState, 'checks' | 'ended' | 'started'>,
): CanaryResult {
  const verdicts = new Map(state.checks.map((check) => [check.id, check.verdict]));
  const wanted = wantedRed(kills);
  const alive = wanted.filter(({ check, verdict }) => verdicts.get(check) !== verdict);
  const hurt = spares.filter((check) => verdicts.get(check) !== 'passed');
  const whole = state.ended?.outcome === 'completed';
  const told = [
    ...(whole ? [] : [`the run did not end by itself: ${whyNotWhole(state)}`]),
    ...alive.map(({ check }) => `${check} is ${verdicts.get(check) ?? 'not expected'}`),
    ...hurt.map(
      (check) => `${check} should be spared but is ${verdicts.get(check) ?? 'not expected'}`,
    ),
  ];
  return {
    ...{ id, scenario },
    outcome: whole
      ? outcomeOf(
          alive.map(({ check }) => verdicts.get(check)),
          hurt,
        )
      : 'could-not-run',
    killed: whole
      ? wanted
          .map(({ check }) => check)
          .filter((check) => !alive.some((each) => each.check === check))
      : [],
    asked: state.checks.filter(({ skip }) => skip === undefined).map((check) => check.id),
    message: told.join('; '),
    run: state.started.run,
  };
}

const whyNotWhole = ({ ended }: Pick<RunState, 'ended'>): string =>
  ended === undefined ? 'it has no end record' : (ended.message ?? ended.cause ?? ended.outcome);

const unjudged = new Set<Verdict | undefined>(['not-run', 'inconclusive', 'error']);

/** A check that was not judged has not stayed green. One that the run does not ask never goes red. */
function outcomeOf(
  alive: readonly (Verdict | undefined)[],
  hurt: readonly string[],
): CanaryResult['outcome'] {
  if (alive.length === 0) return hurt.length === 0 ? 'red' : 'green';
  return alive.every((verdict) => unjudged.has(verdict)) ? 'could-not-run' : 'green';
}
