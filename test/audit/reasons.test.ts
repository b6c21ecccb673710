// For each reason a store, made by one change of a complete one, that gives exactly it.

import { expect, test } from 'vitest';
import { indexAudit } from '../../src/audit/audit.ts';
import { deriveRow } from '../../src/audit/derive.ts';
import { explainRow, type Step } from '../../src/audit/explain.ts';
import { reasonTable } from '../../src/audit/reason.ts';
import type { Case } from './reason-case.ts';
import { evidenceCases } from './reason-cases-evidence.ts';
import { runCases } from './reason-cases-run.ts';
import { makeSample, openSampleAudit, writeMutants, writePack, writeRun } from './sample-store.ts';

const cases: Readonly<Record<string, Case>> = { ...runCases, ...evidenceCases };

const derived = async (each: Case) => {
  const sample = await makeSample(each.pack);
  if (each.mutants !== false) await writeMutants(sample);
  for (const [at, change] of (each.runs ?? [{}]).entries())
    await writeRun(sample, 'rebuild', `run-${String(at)}`, change);
  await writeRun(sample, 'refuse', 'run-refuse');
  await each.after?.(sample);
  if (each.later !== undefined) await writePack(sample, each.later);
  const index = indexAudit(await openSampleAudit(sample, each.audit));
  const row = index.pack.rows.find(({ id }) => id === (each.row ?? 'AQ-001'));
  if (row === undefined) throw new Error('the sample has no such row');
  return { index, answer: deriveRow(index, row) };
};

const records = (step: Step): readonly string[] => [
  `${step.run ?? ''}#${String(step.seq ?? '')}`,
  ...step.below.flatMap(records),
];

const texts = (step: Step): string => [step.text, ...step.below.map(texts)].join('\n');

test.each(Object.entries(cases))('%s', async (_name, each) => {
  const { index, answer } = await derived(each);
  const found = answer.reasons.map(({ code, message }) => ({ code, message }));
  expect([...new Set(found.map(({ code }) => code))], JSON.stringify(found, undefined, 1)).toEqual(
    each.reasons,
  );
  expect(answer.status).toBe(each.reasons.length === 0 ? 'evidence-complete' : 'unresolved');
  const tree = explainRow(index, answer);
  const named = new Set(records(tree));
  for (const { run, seq, code, message } of answer.reasons) {
    expect(texts(tree)).toContain(`${code}: ${message}`);
    expect(named, message).toContain(`${run ?? ''}#${String(seq ?? '')}`);
  }
});

test('every reason has a store that gives it', () => {
  const given = new Set(Object.values(cases).flatMap(({ reasons }) => reasons));
  // Of claims alone; see claim.test.ts.
  const missing = Object.keys(reasonTable).filter(
    (code) => !given.has(code) && code !== 'unplanned-scenario',
  );
  expect(missing).toEqual([]);
});
