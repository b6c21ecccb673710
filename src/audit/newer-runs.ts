// Whoever names runs cannot leave newer ones out: an older pass never covers a newer failure.

import type { AuditIndex, Candidate } from './audit.ts';
import { chooseBundle } from './choose-bundle.ts';
import type { Row } from './queue-schema.ts';
import type { Found } from './reason.ts';

/** A newer run of the scenario that did not show what the named one shows. */
export function newerReasons(index: AuditIndex, row: Row, scenario: string): readonly Found[] {
  const claimed = chooseBundle(index, scenario);
  if (claimed === undefined) return [];
  const whole: AuditIndex = { ...index, candidates: index.everyCandidate, memo: new Map() };
  const newest = chooseBundle(whole, scenario);
  if (newest === undefined || newest.order <= claimed.order) return [];
  return notShownBy(newest, row, scenario);
}

function notShownBy(newest: Candidate, row: Row, scenario: string): readonly Found[] {
  const { run, summary } = newest;
  const about = { scenario, run };
  if (summary === undefined)
    return [{ code: 'no-bundle', ...about, message: `The newer run ${run} has no bundle.` }];
  if (summary.ended?.outcome !== 'completed')
    return [{ code: 'not-run', ...about, message: `The newer run ${run} was not finished.` }];
  return row.planned.checks.flatMap((check): readonly Found[] => {
    const seen = summary.checks[check];
    if (seen === undefined || seen.verdict === 'passed') return [];
    const seq = seen.seq === undefined ? {} : { seq: seen.seq };
    const message = `${check} is ${seen.verdict} in the newer run ${run}.`;
    return [{ code: 'newer-run-failed', ...about, check, ...seq, message }];
  });
}
