// Rules of a pack of the kind `same-set`: checks of one bundle that must have seen one and the same value.

import { expect, test } from 'vitest';
import { checkAudit } from '../../src/audit/check-audit.ts';
import { marker, version } from './reason-case.ts';
import type { RunDraft } from './sample-run.ts';
import { makeSample, openSampleAudit, writeMutants, writeRun } from './sample-store.ts';

const rule = (
  passed: readonly string[] = [],
  id = 'one-set',
): Readonly<Record<string, string>> => ({
  'audit/rules.yaml': JSON.stringify([
    {
      ...{ id, title: 'Both places have one set', phase: 9, kind: 'same-set' },
      scenarios: ['rebuild'],
      places: [
        { check: marker, at: '/rules' },
        { check: version, at: '/rules' },
      ],
      passed,
    },
  ]),
});

type Rules = readonly string[];

const seen =
  (one: Rules, two: Rules | undefined) =>
  (draft: RunDraft): RunDraft => {
    const observed = { kept: true };
    return draft.facts(marker, { observed: { ...observed, rules: [...one] } }).facts(version, {
      observed: { ...observed, ...(two === undefined ? {} : { rules: [...two] }) },
    });
  };

const npm = 'npm npm.example.org:443 GET /**';
const wide = 'npm npm.example.org:443 * /**';

type Row = readonly [string, (draft: RunDraft) => RunDraft, Rules, string | undefined];

const table: readonly Row[] = [
  ['the same in both places', seen([npm], [npm]), [], undefined],
  ['the same names, another rule', seen([npm], [wide]), [], 'different values'],
  ['nothing in both', seen([], []), [], 'is empty'],
  ['one place was never looked at', seen([npm], undefined), [], 'Nothing was observed'],
  [
    'the same, where a place lost some',
    (draft) => seen([npm], [npm])(draft).verdict(version, 'failed'),
    [],
    `${version} did not pass`,
  ],
  [
    'the same, and a check beside that was not asked',
    seen([npm], [npm]),
    ['demo.rebuild.beside'],
    'demo.rebuild.beside did not pass',
  ],
];

test.each(table)('%s', async (_, draft, passed, message) => {
  const sample = await makeSample(rule(passed));
  await writeMutants(sample);
  await writeRun(sample, 'rebuild', 'run-rebuild', { draft });
  const { gates } = checkAudit(await openSampleAudit(sample), {});
  const found = gates.find(({ gate }) => gate === 'one-set');
  expect(found?.findings.map(({ message: said }) => said)).toEqual(
    message === undefined ? [] : [expect.stringContaining(message) as string],
  );
  expect(found?.verdict).toBe(message === undefined ? 'passed' : 'failed');
});

test('rows that it is not about are not judged by it', async () => {
  const sample = await makeSample(rule());
  await writeMutants(sample);
  await writeRun(sample, 'refuse', 'run-refuse');
  const { gates } = checkAudit(await openSampleAudit(sample), { rows: new Set(['AQ-002']) });
  expect(gates.map(({ gate }) => gate)).not.toContain('one-set');
});

test('one with the name of a cross-phase gate is judged by itself', async () => {
  const sample = await makeSample(rule([], 'evidence-gate'));
  await writeMutants(sample);
  await writeRun(sample, 'rebuild', 'run-rebuild', { draft: seen([npm], [wide]) });
  const { gates } = checkAudit(await openSampleAudit(sample), {});
  const named = gates.filter(({ gate }) => gate === 'evidence-gate');
  expect(named.map(({ verdict }) => verdict)).toContain('failed');
});
