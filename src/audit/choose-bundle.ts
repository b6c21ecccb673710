// Which bundle speaks for a scenario: the newest started run, so that an older pass never covers a
// newer failure, a killed run or a deleted bundle.

import { isOtherHead } from './asked-run.ts';
import { isMutant, isWhole, once, type AuditIndex, type Candidate } from './audit.ts';

/** Undefined when the scenario was never run. */
export const chooseBundle = (index: AuditIndex, scenario: string): Candidate | undefined =>
  once(index, `choose ${scenario}`, () => choose(index, scenario));

function choose(index: AuditIndex, scenario: string): Candidate | undefined {
  const candidates = index.candidates.get(scenario) ?? [];
  const planned = index.pack.scenarios.get(scenario);
  return (
    candidates.find((each) => !isOtherHead(planned, each.asked) && isOf(each, index, 'head')) ??
    // Nothing of the audited head: what there is says why it does not count.
    candidates.find((each) => isOf(each, index, 'subject')) ??
    candidates.find(({ summary }) => summary === undefined || !isMutant(summary)) ??
    candidates.find((each) => !isCanaryRun(each, index))
  );
}

/** Made by `canaries run`: nobody took it for evidence, unless it was named. */
const isCanaryRun = ({ summary }: Candidate, { pack, only }: AuditIndex): boolean => {
  const canary = summary?.started?.canary;
  if (canary === undefined || only !== undefined) return false;
  return canary.includes(':') || pack.canaries.some(({ ids }) => ids.includes(canary));
};

/** Runs that say nothing of a subject may be of any; so may those whose bundle is gone or was altered. */
function isOf({ summary }: Candidate, index: AuditIndex, what: 'head' | 'subject'): boolean {
  if (summary === undefined || !isWhole(summary)) return true;
  if (isMutant(summary)) return false;
  const about = summary.started?.bound?.subject;
  if (about === undefined) return true;
  if (about.name !== index.subject) return false;
  return what === 'subject' || about.digest === index.auditedHead;
}
