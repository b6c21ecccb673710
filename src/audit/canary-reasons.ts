// Whether each planned check was ever seen red (V8, N5 to N7): a check that nothing kills proves
// nothing by being green.

import { once, type AuditIndex } from './audit.ts';
import { speaksFor } from './asked-run.ts';
import { collectorsOf, type PlannedCanary } from './pack.ts';
import type { Found } from './reason.ts';
import type { BundleSummary } from './summary.ts';

export type Kill = {
  readonly canary: string;
  readonly run: string;
  readonly seq?: number;
};

export type CanaryAnswer =
  | { readonly state: 'killed'; readonly by: Kill }
  | {
      readonly state: 'stale' | 'never';
      readonly message: string;
      readonly run?: string | undefined;
    };

/** `scenarios`: those that the row plans; a kill in any of them shows that the check can be red. */
export function canaryReasons(
  index: AuditIndex,
  check: string,
  scenarios: readonly string[],
): readonly Found[] {
  const answer = killOf(index, check, scenarios);
  if (answer.state === 'killed') return [];
  const code = answer.state === 'stale' ? 'canary-stale' : 'canary-never-red';
  const run = answer.run === undefined ? {} : { run: answer.run };
  return [{ code, check, ...run, message: answer.message }];
}

export const killOf = (
  index: AuditIndex,
  check: string,
  scenarios: readonly string[],
): CanaryAnswer =>
  once(index, `kill ${check} ${scenarios.join(' ')}`, () => findKill(index, check, scenarios));

function findKill(index: AuditIndex, check: string, scenarios: readonly string[]): CanaryAnswer {
  const canaries = index.pack.canaries.filter(({ kills }) => kills.includes(check));
  if (canaries.length === 0)
    return { state: 'never', message: `No canary of the pack is to kill ${check}.` };
  let best: CanaryAnswer = {
    state: 'never',
    message: `No canary was run that is to kill ${check}: ${canaries.map(nameOf).join(', ')}.`,
  };
  for (const canary of canaries)
    for (const summary of canary.ids.flatMap((id) => index.mutants.get(id) ?? [])) {
      if (!ranOf(index, summary).some((id) => scenarios.includes(id))) continue;
      const answer = judgeMutant(index, check, canary, summary);
      if (answer.state === 'killed') return answer;
      if (best.run === undefined || answer.state === 'stale') best = answer;
    }
  return best;
}

/** A fault is planted under a manifest, and kills for each planned run of it. */
const ranOf = ({ pack }: AuditIndex, { started }: BundleSummary): readonly string[] =>
  started === undefined
    ? []
    : speaksFor(pack, { scenario: started.scenario, asked: started.bound?.asked });

const nameOf = ({ ids }: PlannedCanary): string => ids[0] ?? '';

function judgeMutant(
  index: AuditIndex,
  check: string,
  canary: PlannedCanary,
  summary: BundleSummary,
): CanaryAnswer {
  const { run, checks } = summary;
  const never = (message: string): CanaryAnswer => ({ state: 'never', run, message });
  const invalid = invalidity(index, summary);
  if (invalid !== undefined) return never(`Run ${run} of ${nameOf(canary)} ${invalid}.`);
  const seen = checks[check];
  if (seen?.verdict !== 'failed')
    return never(
      `${check} was ${seen?.verdict ?? 'not asked'} under ${nameOf(canary)}, not failed.`,
    );
  const unstaged = Object.entries(checks).find(
    ([id, { verdict }]) => isStaging(id) && verdict !== 'passed' && !canary.kills.includes(id),
  );
  if (unstaged !== undefined)
    return never(`${unstaged[0]} did not pass under ${nameOf(canary)}: its state was not there.`);
  const hurt = canary.spares.find((id) => checks[id]?.verdict !== 'passed');
  if (hurt !== undefined)
    return never(`${nameOf(canary)} breaks ${hurt} too, which it must spare.`);
  const old = staleness(index, summary);
  if (old !== undefined)
    return {
      state: 'stale',
      run,
      message: `Run ${run} of ${nameOf(canary)}: ${old} is another now.`,
    };
  const at = seen.seq === undefined ? {} : { seq: seen.seq };
  return { state: 'killed', by: { canary: nameOf(canary), run, ...at } };
}

const isStaging = (id: string): boolean => id.startsWith('fixture.') && id.endsWith('.staged');

/** Why a run with a planted fault shows nothing of what is audited; undefined when it does. */
export function unfitness(index: AuditIndex, summary: BundleSummary): string | undefined {
  const invalid = invalidity(index, summary);
  if (invalid !== undefined) return invalid;
  const old = staleness(index, summary);
  return old === undefined ? undefined : `${old} is another now`;
}

function invalidity(
  { requireSignature }: AuditIndex,
  { faults, started, ended, observations, signed }: BundleSummary,
): string | undefined {
  const told: readonly (readonly [boolean, string])[] = [
    [faults.length > 0, `was changed: ${faults[0]?.message ?? ''}`],
    [ended?.outcome !== 'completed', 'was not finished'],
    [requireSignature === true && !signed, 'has no signature by a trusted key'],
    [started?.fake === true, 'was made on the fake driver'],
    [plantedIn(observations).size > 1, 'had more than one fault planted'],
  ];
  return told.find(([holds]) => holds)?.[1];
}

const plantedIn = (observations: BundleSummary['observations']): ReadonlySet<string> =>
  new Set(
    observations.flatMap(({ value }) =>
      value.schema === 'seatrial.mutants/v1' ? value.mutants : [],
    ),
  );

/** The same plan, collectors and subject as what is audited; a canary is applied beside the plan. */
function staleness(index: AuditIndex, summary: BundleSummary): string | undefined {
  const bound = summary.started?.bound;
  if (bound === undefined) return 'what it is about';
  const { subject } = bound;
  if (subject.name !== index.subject || subject.digest !== index.auditedHead) return 'the subject';
  const planned = index.pack.scenarios.get(ranOf(index, summary)[0] ?? '');
  if (bound.plan !== planned?.plan) return 'the plan';
  return bound.collectors === collectorsOf(index.pack, planned) ? undefined : 'a collector';
}
