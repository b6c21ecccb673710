import type { AuditAnswer } from '../audit/check-audit.ts';
import type { GateAnswer as AuditGate } from '../audit/gate.ts';
import { judged, unasked, type Ask, type GateAnswer } from './ask.ts';
import type { CheckOf } from './check-schema.ts';

/**
 * A gate of an audit queue, or its rows: what the evidence in the store says of them, derived anew.
 * Of nothing to evaluate nothing is said, and what nobody can tell yet is no failure.
 */
export const askAudit: Ask<'audit'> = async (check, { world, here, store }) => {
  const { pack, max_age: maxAge, rows, phase } = check;
  const asked = await world.checkAudit({
    ...{ pack, here, store: store.root },
    ...{ maxAge, rows: rows?.join(','), phase },
  });
  if ('problem' in asked) return unasked(asked.problem);
  if (check.gate === undefined) return judgeRows(asked.answer, check.status);
  const gate = asked.answer.gates.find((each) => each.gate === check.gate);
  return gate === undefined
    ? unasked(`the audit has no gate ${check.gate}`)
    : judgeAuditGate(gate, asked.answer);
};

const codesOf = (found: readonly { readonly code: string }[]): readonly string[] =>
  [...new Set(found.map(({ code }) => code))].sort();

function judgeAuditGate(gate: AuditGate, { rows }: AuditAnswer): GateAnswer {
  const { items, failed, findings, verdict } = gate;
  const codes = codesOf(findings);
  const facts = { gate: gate.gate, items_evaluated: items, items_failed: failed, codes };
  if (items === 0 || rows.length === 0 || verdict === 'inconclusive') return nothing(facts);
  const told = `${String(failed)} of ${String(items)} items`;
  const isNo = findings.some((each) => each.class === 'no');
  if (verdict === 'failed' && !isNo)
    return { verdict: 'inconclusive', message: `${told}: ${codes.join(', ')}`, facts };
  const faults = verdict === 'passed' ? [] : [`${told}: ${codes.join(', ')}`];
  return judged(faults, `${String(items)} items evaluated`, { facts });
}

const nothing = (facts: GateAnswer['facts']): GateAnswer => ({
  verdict: 'inconclusive',
  message: 'nothing was there to evaluate',
  facts,
});

function judgeRows({ rows }: AuditAnswer, wanted: CheckOf<'audit'>['status']): GateAnswer {
  const open = rows.filter(
    ({ status }) => status === 'unresolved' || (wanted !== 'any' && status !== wanted),
  );
  const reasons = open.flatMap((each) => each.reasons);
  const facts = {
    items_evaluated: rows.length,
    items_failed: open.length,
    codes: codesOf(reasons),
    rows: Object.fromEntries(rows.map(({ row, status }) => [row.id, status])),
  };
  if (rows.length === 0) return nothing(facts);
  const faults = open.map(
    ({ row, status, reasons: why }) =>
      `${row.id} is ${status}${why.length === 0 ? '' : `: ${codesOf(why).join(', ')}`}`,
  );
  const isNo = open.some(
    ({ status, reasons: why }) =>
      status !== 'unresolved' || why.some((each) => each.class === 'no'),
  );
  const answer = judged(faults, `${String(rows.length)} rows as wanted`, { facts });
  return open.length > 0 && !isNo ? { ...answer, verdict: 'inconclusive' } : answer;
}
