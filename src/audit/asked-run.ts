// Runs of a pack's manifests: which planned runs each may speak for, and what speaks against it as such.

import { canonicalJson } from '../evidence/canonical.ts';
import type { AskedRun } from '../evidence/record.ts';
import type { AuditPack, PlannedApplication, PlannedOutcome, PlannedScenario } from './pack.ts';
import type { Found } from './reason.ts';
import type { BundleSummary, Started } from './summary.ts';

type Told = { readonly scenario: string; readonly asked?: AskedRun | undefined };

/** Ids of what it was a run of. A run of another head is a candidate, too: it says why it does not count. */
export function speaksFor(
  { scenarios }: Pick<AuditPack, 'scenarios'>,
  { scenario, asked }: Told,
): readonly string[] {
  if (asked === undefined) return [scenario];
  return [...scenarios.values()]
    .filter(
      ({ application }) =>
        application?.asked.manifest === asked.manifest && application.life === scenario,
    )
    .map(({ id }) => id);
}

/** As a store's list and a run's first record must both have it. */
export const runName = ({ scenario, asked }: Told): string =>
  asked === undefined ? scenario : `${scenario} ${canonicalJson({ ...asked })}`;

/** Whether another release was asked for than the one that is planned. */
export const isOtherHead = (
  planned: PlannedScenario | undefined,
  asked: AskedRun | undefined,
): boolean => planned?.application !== undefined && asked?.head !== planned.application.asked.head;

const released = (release: string | undefined): string => release ?? 'the default';

/** Where what was asked for is not what is planned. */
export function askedReasons(
  started: Started,
  { id, application }: PlannedScenario,
  run: string,
): readonly Found[] {
  if (application === undefined) return [];
  const about = { scenario: id, run, seq: 1 };
  const was = started.bound?.asked?.head;
  const { head } = application.asked;
  const message = `Run ${run}, subject: its head was ${released(was)} and is to be ${released(head)}.`;
  return [
    ...(was === head
      ? []
      : [{ code: 'stale-evidence' as const, ...about, part: 'subject', message }]),
    ...startReason(started, application, run).map((each) => ({ ...about, ...each })),
  ];
}

/** What it was told to start from, and what it then started from. */
function startReason(
  { bound, base }: Started,
  { asked, from }: PlannedApplication,
  run: string,
): readonly Found[] {
  const code = 'plan-mismatch';
  const told = bound?.asked?.base;
  if (told !== asked.base) {
    const message = `Run ${run} was to start from ${released(told)}, not from ${released(asked.base)}.`;
    return [{ code, part: 'base', message }];
  }
  if (from === undefined || base === from) return [];
  const message = `Run ${run} started from ${base ?? 'no release'}, not from ${from}.`;
  return [{ code, part: 'from', message }];
}

/** Checks that must not have passed: a failure that must be seen, a question that nobody could ask. */
export const outcomeReasons = (
  summary: BundleSummary,
  { id, application }: PlannedScenario,
): readonly Found[] =>
  (application?.outcomes ?? []).flatMap((outcome) => {
    const wrong = otherwise(summary, outcome);
    if (wrong === undefined) return [];
    const seq = summary.checks[outcome.check]?.seq;
    const at = { scenario: id, run: summary.run, ...(seq === undefined ? {} : { seq }) };
    return [{ ...at, check: outcome.check, ...wrong }];
  });

const codes = {
  passed: 'check-failed',
  failed: 'check-failed',
  skipped: 'skipped',
  error: 'testbed-error',
  inconclusive: 'inconclusive',
  'not-run': 'not-run',
} as const;

function otherwise(
  { checks, started }: BundleSummary,
  { check, verdict, left, says }: PlannedOutcome,
): Pick<Found, 'code' | 'message'> | undefined {
  const { verdict: was, message } = checks[check] ?? { verdict: 'not-run', message: '' };
  if (was !== verdict)
    return { code: codes[was], message: `${check} is ${was}, and must be ${verdict}.` };
  const kind = started?.skips[check];
  // What somebody chose to leave out shows nothing of what there is.
  if (verdict === 'skipped' && kind !== left)
    return {
      code: 'skipped',
      message: `${check} was left out as ${String(kind)}, not as ${left}.`,
    };
  if (message.includes(says)) return undefined;
  return { code: 'check-failed', message: `${check} is ${was} for another reason: ${message}.` };
}
