import { expect, test } from 'vitest';
import { makeSource } from '../../src/diagnostics/source.ts';
import { classify } from '../../src/findings/classify.ts';
import { readSuppressions } from '../../src/findings/read-suppressions.ts';
import { readRecords, renderRecords } from '../../src/findings/suppression-records.ts';
import { pruneSuppressions, suppressionTemplate } from '../../src/findings/suppression-upkeep.ts';
import { at, intake, subject } from './samples.ts';

const today = '2026-03-01';
const classification = classify(
  intake([
    subject('a', [
      { context: 'often', message: 'x\n- y' },
      { context: 'often' },
      { context: 'once' },
    ]),
    subject('b', [{ context: 'often', message: 'x\n- y' }]),
  ]),
  { timestamp: at, today, requireOwner: false, suppressions: [], categories: 'word' },
).classification;

test('the template holds the most frequent, and is not valid before it is filled in', () => {
  const text = suppressionTemplate(classification, 1, today);
  const records = readRecords(text);
  if (typeof records === 'string') throw new Error(records);
  expect(records.records).toMatchObject([
    { fields: { owner: 'TODO', reason: 'TODO', created: today, expires: '2026-03-31' } },
  ]);
  expect(text).toContain('# 2 × VALIDATION_ERROR');
  expect(readSuppressions(makeSource('s', text)).problems.length).toBe(2);
  const filled = text
    .replace('"reason": "TODO"', '"reason": "a good reason"')
    .replace('TODO', 'mara');
  expect(readSuppressions(makeSource('s', filled)).problems).toEqual([]);
  expect(
    suppressionTemplate(classification, 9, today)
      .split('\n')
      .filter((line) => line.startsWith('-')).length,
  ).toBe(3);
});

test('what is suppressed, or nothing, needs no template', () => {
  const none = { ...classification, workflows: [] };
  expect(suppressionTemplate(none, 5, today)).toBe('[]\n');
});

test('pruning takes away the expired, the old and the unused, and nothing else', () => {
  const line = (digit: string, created: string, expires: string) =>
    `# about ${digit}\n- {fingerprint: "${digit.repeat(16)}", owner: m, reason: "because of this", created: ${created}, expires: ${expires}}\n`;
  const text =
    line('1', '2025-10-01', '2026-03-20') +
    line('2', '2026-02-01', '2026-02-28') +
    line('3', today, today);
  const file = readRecords(text);
  if (typeof file === 'string') throw new Error(file);
  const removed = (change: object) =>
    pruneSuppressions(file, { today, expired: false, ...change }).removed.map((each) => each[0]);
  expect(removed({})).toEqual([]);
  expect(removed({ expired: true })).toEqual(['2']);
  expect(removed({ olderThanDays: 90 })).toEqual(['1']);
  const entry = { fingerprint: '3'.repeat(16), reason: '', file: '', line: 1 };
  const use = { entry, state: 'active' as const, findings: 0, strangers: [] };
  expect(removed({ unused: [use] })).toEqual(['3']);
  const left = renderRecords(pruneSuppressions(file, { today, expired: true }).file);
  expect(left).toContain('# about 1');
  expect(left).not.toContain('# about 2');
});
