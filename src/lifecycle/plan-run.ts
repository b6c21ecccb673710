// From what a person asked to a Plan: which releases, which operations, which checks. Fetches and
// digests releases; changes nothing outside the cache.

import type { ExpectedCheck, Skip } from '../evidence/record.ts';
import type { Capability } from '../ports/app-driver.ts';
import type { PreparedRelease } from '../ports/release.ts';
import { WorldError } from '../ports/world-error.ts';
import type { Manifest } from '../scenario/manifest.ts';
import type { Refusal } from '../scenario/choose-base.ts';
import type { OperationName, Plan, PlannedOperation } from '../scenario/plan.ts';
import type { RunScenario } from '../scenario/scenarios.ts';
import { chooseOperations, floorSkip } from '../scenario/skip-rules.ts';
import { bounded } from './bounded.ts';
import { budgetMs } from './budgets.ts';
import { chooseReleases, type ChosenReleases } from './choose-releases.ts';
import { digestHooks } from './digest-hooks.ts';
import { expectedChecks } from './expected.ts';
import { findLastGreen, type GreenRun } from './last-green.ts';
import { findLocalCode } from './local-code.ts';
import { movedTags } from './moved-tags.ts';
import {
  dependenciesInPlan,
  instanceOf,
  planDependencies,
  withDependencies,
} from './plan-dependencies.ts';
import type { PlanRequest } from './plan-request.ts';
import type { PlannedRun } from './planned-run.ts';
import type { LastGreen } from './run-level.ts';
import {
  recipeCapabilities,
  recipeNotes,
  recipeSkips,
  refusedBy,
  restoredMarkerSkip,
  withRecipeTimeout,
} from './recipe-views.ts';
import type { World } from './world.ts';

export type PlanAnswer = PlannedRun | { readonly refusal: Pick<Refusal, 'message' | 'hint'> };

/** A plan, or why the base that a person named cannot be one. */
export async function planRun(world: World, asked: PlanRequest): Promise<PlanAnswer> {
  const { scenario, store, canary } = asked;
  const { app, driver } = asked.manifest;
  const wanted = { app, scenario: scenario.id, driver };
  const green = await findLastGreen(world.files, store, wanted);
  const chosen = await chooseReleases(world, { ...asked, fromBase: scenario.fromBase }, green);
  if ('refusal' in chosen) return chosen;
  const { views } = chosen;
  const refused = refusedBy(views, asked.manifest);
  if (refused !== undefined)
    return { refusal: { message: `the recipe is refused:\n${refused}`, hint: lintHint } };
  const local = await findLocalCode(world, asked, chosen.head);
  if ('refusal' in local) return local;
  const overlays = [...asked.overlays, ...local.overlays];
  const manifest = withRecipeTimeout(asked.manifest, views);
  const request = { ...asked, manifest, overlays };
  const { operations, selection, expected, shrunk } = await chooseChecks(world, request, {
    chosen,
    green,
  });
  const { decision, head, headReason, base } = chosen;
  const identity = `${manifest.app}|-|${head.digest}|${scenario.id}${canary ?? ''}`;
  const dependencies = await planDependencies(world, request, identity);
  const now = [head.release, ...chosen.published];
  const moved = await movedTags(world.files, store, { app, now });
  const plan: Plan = {
    format: 'seatrial.plan/v1',
    app: manifest.app,
    instance: instanceOf(manifest.app, identity),
    scenario: { id: scenario.id, title: scenario.title, text: scenario.text },
    driver: manifest.driver,
    base:
      base === undefined
        ? { skipped: decision.skipped ?? 'no-older-release' }
        : { ...base.release, digest: base.digest },
    head: { ...head.release, digest: head.digest },
    headReason,
    candidates: decision.candidates,
    operations: withDependencies(operations, dependencies),
    fixtures: [],
    ...dependenciesInPlan(dependencies),
    expected,
    overlays,
    hooks: { ...(await digestHooks(world, request)), ...local.hooks },
    ...local.inPlan,
    selection,
    manifest,
    origin: head.release.origin,
  };
  return {
    plan,
    head,
    notes: [
      ...decision.notes,
      ...moved,
      ...local.notes,
      ...loweredNotes(manifest, operations),
      ...recipeNotes(views, manifest),
    ],
    localFiles: local.files,
    dependencies,
    ...(views === undefined ? {} : { recipe: views }),
    ...(usedBase(chosen, operations) ?? {}),
    ...comparedWith(canary === checkDropped ? plantedGreen(expected) : green, shrunk),
  };
}

const lintHint = 'seatrial recipe lint shows all that is wrong with a recipe';

/** Whoever reads a green report must not have to look for what was not asked. */
const loweredNotes = (
  manifest: Manifest,
  operations: readonly PlannedOperation[],
): PlannedRun['notes'] =>
  operations.flatMap(({ name, skip }) => {
    const lowered = skip === undefined ? floorSkip(manifest, name) : undefined;
    return lowered === undefined
      ? []
      : [
          {
            code: 'floor-skipped',
            message: `the floor of ${name} is not asked: ${lowered.reason}`,
          },
        ];
  });

async function chooseChecks(
  world: World,
  request: PlanRequest,
  { chosen, green }: { readonly chosen: ChosenReleases; readonly green: GreenRun | undefined },
) {
  const { manifest, scenario, overlays, selection: asked } = request;
  const { base, decision, views } = chosen;
  const able = await capabilitiesOf(world, request);
  const capabilities = recipeCapabilities(able, views, manifest);
  const { operations: choices, selection: chosenSelection } = chooseOperations({
    ...{ operations: scenario.operations, manifest, capabilities },
    ...(base === undefined
      ? { noBase: { reason: decision.skipped ?? '', declared: decision.declared === true } }
      : {}),
    hasCustom: overlays.some(({ operation }) => operation === 'custom'),
    ...(asked === undefined ? {} : { selection: asked }),
  });
  const selection = request.lowered === true ? 'partial' : chosenSelection;
  const operations = choices.map((choice): PlannedOperation => ({
    ...choice,
    budgetMs: scenario.budgetsMs?.[choice.name] ?? budgetMs(choice.name, manifest),
    ...actionOf(scenario, choice.name),
  }));
  const shrunk = shrunkSkip(request, { green, partial: selection === 'partial' });
  const expected = expectedChecks({
    ...{ manifest, operations, overlays, shrunk },
    upgrades: operations.some(({ name, skip }) => name === 'upgrade' && skip === undefined),
    markers: markerSkip(manifest, capabilities),
    restoredMarkers: restoredMarkerSkip(views),
    ...(views === undefined ? {} : { recipe: recipeSkips(views, manifest) }),
  });
  return { operations, selection, expected, shrunk };
}

function actionOf({ actions }: RunScenario, name: OperationName): Pick<PlannedOperation, 'action'> {
  const action = actions?.[name];
  return action === undefined ? {} : { action };
}

const capabilitiesBudgetMs = 60_000;

/** A driver whose engine hangs must not hang the plan. */
async function capabilitiesOf(
  { clock, driver }: World,
  { settings, signal }: PlanRequest,
): Promise<Readonly<Record<Capability, true | string>>> {
  const limits = { budgetMs: capabilitiesBudgetMs, ...(signal === undefined ? {} : { signal }) };
  const result = await bounded(clock, limits, () => driver.capabilities(settings));
  if (result.kind === 'value') return result.value;
  if (result.kind === 'threw') throw result.error;
  throw result.kind === 'stopped'
    ? new WorldError('cancelled', 'the plan was stopped')
    : new WorldError('timeout', `driver ${driver.kind} does not say what it can do`);
}

/** A base that no operation upgrades from is not deployed either: install takes head then. */
function usedBase(
  { base }: ChosenReleases,
  operations: readonly PlannedOperation[],
): { readonly base: PreparedRelease } | undefined {
  const upgrades = operations.some(({ name, skip }) => name === 'upgrade' && skip === undefined);
  return base !== undefined && upgrades ? { base } : undefined;
}

/** The canary of `run.expected.kept`: the last green run asked one check more. */
const checkDropped = 'check-dropped';

function plantedGreen(expected: Plan['expected']): LastGreen {
  const dropped: ExpectedCheck = {
    id: 'floor.planted.dropped',
    after: 'run',
    boundary: 'state',
    source: 'floor',
    title: 'planted',
  };
  return { run: 'planted', expected: [...expected, dropped] };
}

const comparedWith = (
  lastGreen: LastGreen | undefined,
  shrunk: Skip | undefined,
): Pick<PlannedRun, 'lastGreen'> =>
  shrunk !== undefined || lastGreen === undefined ? {} : { lastGreen };

function shrunkSkip(
  { acceptShrunk, canary }: PlanRequest,
  { green, partial }: { readonly green: GreenRun | undefined; readonly partial: boolean },
): Skip | undefined {
  if (canary === checkDropped) return undefined;
  if (canary !== undefined)
    return { kind: 'structural', reason: 'a run with a planted fault is compared with nothing' };
  if (partial) return { kind: 'not-asked', reason: 'a partial selection asks fewer checks' };
  if (green === undefined)
    return { kind: 'structural', reason: 'no earlier green run of this scenario in this store' };
  return acceptShrunk === undefined ? undefined : { kind: 'declared', reason: acceptShrunk };
}

function markerSkip(
  { data }: Manifest,
  capabilities: Readonly<Record<Capability, true | string>>,
): Skip | undefined {
  if (data.markers !== 'on') return { kind: 'declared', reason: data.markers.off };
  const can = capabilities['data-markers'];
  return can === true ? undefined : { kind: 'structural', reason: can };
}
