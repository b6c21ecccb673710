import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classify, type ClassifyOptions } from '../../src/findings/classify.ts';
import {
  classificationJsonSchema,
  classificationSchema,
} from '../../src/findings/classification-schema.ts';
import { fingerprintOf } from '../../src/findings/fingerprint.ts';
import type { Subject } from '../../src/findings/finding.ts';
import { at, finding, intake, schemaErrors, subject } from './samples.ts';

const options: ClassifyOptions = {
  timestamp: at,
  today: '2026-03-01',
  requireOwner: false,
  suppressions: [],
  categories: 'word',
};
const run = (subjects: readonly Subject[], change: Partial<ClassifyOptions> = {}) =>
  classify(intake(subjects), { ...options, ...change }).classification;
const entry = (fingerprint: string) => ({ fingerprint, reason: 'soon', file: 's.txt', line: 1 });
const printOf = (change: Parameters<typeof finding>[0] = {}) =>
  fingerprintOf(finding(change)).fingerprint;

const [foo, bar] = [
  { context: 'foo ( 1 )', message: "unknown function 'foo'" },
  { context: 'bar ( 1 )', message: "unknown function 'bar'" },
];

test('the shape of the source document comes first, key by key', () => {
  const { workflows, summary } = run([subject('a/b.aether', [foo]), subject('c.aether')]);
  expect(Object.keys(workflows[0] ?? {}).slice(0, 12)).toEqual([
    ...['path', 'ok', 'category', 'error', 'signature_verified', 'risk_score', 'code', 'code_name'],
    ...['phase', 'line', 'fingerprint', 'suppressed'],
  ]);
  expect(workflows[0]).toMatchObject({
    path: 'a/b.aether',
    ok: false,
    category: 'ValidationError',
    error: "unknown function 'foo'",
    code: 25,
    code_name: 'VALIDATION_ERROR',
    line: 3,
    column: 4,
    fingerprint: printOf(foo),
  });
  expect(workflows[1]).toMatchObject({
    ok: true,
    category: 'OK',
    code: 0,
    error: null,
    line: null,
  });
  expect(Object.keys(summary).slice(0, 6)).toEqual([
    ...['total', 'failed', 'failure_rate', 'suppressed_failures', 'categories', 'timestamp'],
  ]);
  expect(summary).toMatchObject({
    total: 2,
    failed: 1,
    failure_rate: 0.5,
    unsuppressed_failures: 1,
    categories: { ValidationError: { count: 1, examples: ['a/b.aether'] } },
    by_code: { SUCCESS: 1, VALIDATION_ERROR: 1 },
    by_dialect: { 'aether-1.1': 2 },
    checker: 'seatrial',
  });
});

describe('the code of a subject with several findings', () => {
  const table: readonly (readonly [classes: readonly string[], expected: string, code: number])[] =
    [
      [['VALIDATION_ERROR', 'PARSE_ERROR'], 'PARSE_ERROR', 20],
      [['PARSE_ERROR', 'SIGNATURE_ERROR'], 'SIGNATURE_ERROR', 22],
      [['SIGNATURE_ERROR', 'IO_ERROR', 'INTERNAL_ERROR'], 'INTERNAL_ERROR', 27],
      [['VALIDATION_ERROR', 'UNSUPPORTED_FEATURE'], 'UNSUPPORTED_FEATURE', 24],
      [['ERROR', 'FAILURE'], 'FAILURE', 1],
      [['SOMETHING'], 'SOMETHING', 1],
    ];
  test.each(table)('%j', (classes, expected, code) => {
    const found = classes.map((name) => ({ class: name, message: name }));
    const [workflow] = run([subject('a', found)]).workflows;
    expect([workflow?.code_name, workflow?.code, workflow?.error]).toEqual([
      expected,
      code,
      expected,
    ]);
  });
});

test.each([
  ['SIGNATURE_ERROR', 'E_SIG_MISSING', 'SignatureMissing'],
  ['SIGNATURE_ERROR', 'E_SIG_MISMATCH', 'SignatureInvalid'],
  ['UNSUPPORTED_FEATURE', 'E_FEATURE_WHILE', 'NotImplemented'],
  ['NEW_CLASS', 'x', 'Other'],
])('%s, %s is called %s', (name, rule, category) => {
  const subjects = [subject('a', [{ class: name, rule }])];
  expect(run(subjects).workflows[0]?.category).toBe(category);
  expect(run(subjects, { categories: 'code-name' }).workflows[0]?.category).toBe(name);
});

test('suppress one finding: no other is', () => {
  const subjects = [subject('a', [foo]), subject('b', [bar]), subject('c', [foo, bar])];
  const { workflows, summary } = run(subjects, { suppressions: [entry(printOf(foo))] });
  expect(workflows.map(({ path, suppressed }) => [path, suppressed])).toEqual([
    ['a', true],
    ['b', false],
    // One suppressed and one other error: the file is not suppressed.
    ['c', false],
  ]);
  expect(workflows.flatMap(({ findings }) => findings.map((each) => each.suppressed))).toEqual([
    ...[true, false, true, false],
  ]);
  expect(workflows[0]?.category).toBe('Suppressed-ValidationError');
  expect(summary).toMatchObject({
    failed: 3,
    suppressed_failures: 1,
    unsuppressed_failures: 2,
    suppressed_findings: 2,
  });
});

test('ten lines above it: still suppressed; another message: not', () => {
  const suppressions = [entry(printOf(foo))];
  const moved = { ...foo, place: { line: 13, column: 4 } };
  expect(run([subject('a', [moved])], { suppressions }).workflows[0]?.suppressed).toBe(true);
  const changed = { ...foo, message: "unknown function 'fooo'" };
  expect(run([subject('a', [changed])], { suppressions }).workflows[0]?.suppressed).toBe(false);
});

test('categories are sorted by count, then name, with five examples', () => {
  const many = Array.from({ length: 7 }, (_, index) => subject(`f${String(index)}`, [foo]));
  const parse = subject('p', [{ class: 'PARSE_ERROR' }]);
  const timeout = subject('t', [{ class: 'TIMEOUT_ERROR' }]);
  const { categories } = run([...many, timeout, parse]).summary;
  expect(Object.keys(categories)).toEqual(['ValidationError', 'ParseError', 'Timeout']);
  expect(categories['ValidationError']).toEqual({
    count: 7,
    examples: ['f0', 'f1', 'f2', 'f3', 'f4'],
  });
});

test('what the artifact says fits its schema, and the schema can refuse', () => {
  const reference = { class: 'PARSE_ERROR', line: 1, message: 'x' };
  const suppressions = [entry(printOf(foo)), entry('f'.repeat(16))];
  const artifact = run([{ ...subject('a', [foo, bar]), reference }, subject('b')], {
    suppressions,
  });
  expect(classificationSchema.parse(artifact)).toEqual(artifact);
  expect(schemaErrors(classificationJsonSchema, artifact)).toEqual([]);
  const broken = { ...artifact, summary: { ...artifact.summary, failure_rate: 2 } };
  expect(schemaErrors(classificationJsonSchema, broken)).not.toEqual([]);
  expect(schemaErrors(classificationJsonSchema, { ...artifact, more: 1 })).not.toEqual([]);
});

test('sums add up, whatever was found', () => {
  const anyFinding = fc.record({
    class: fc.constantFrom('PARSE_ERROR', 'VALIDATION_ERROR', 'INTERNAL_ERROR', 'FAILURE'),
    context: fc.constantFrom('a', 'b', 'c'),
  });
  const anySubjects = fc.array(fc.array(anyFinding, { maxLength: 3 }), { maxLength: 8 });
  fc.assert(
    fc.property(anySubjects, fc.nat(3), (all, suppressed) => {
      const subjects = all.map((found, index) => subject(`s${String(index)}`, found));
      const prints = subjects.flatMap(({ findings }) =>
        findings.map((each) => fingerprintOf(each)),
      );
      const suppressions = prints.slice(0, suppressed).map((each) => entry(each.fingerprint));
      const { workflows, summary } = run(subjects, { suppressions });
      const sum = (counts: Readonly<Record<string, number>>) =>
        Object.values(counts).reduce((total, each) => total + each, 0);
      expect(sum(summary.by_code)).toBe(summary.total);
      expect(summary.unsuppressed_failures + summary.suppressed_failures).toBe(summary.failed);
      for (const { findings, suppressed: whole } of workflows)
        expect(whole).toBe(findings.length > 0 && findings.every((each) => each.suppressed));
    }),
  );
});

test('one cause, many subjects: findings are told by what is wrong, the most frequent first', () => {
  const late = (ms: string) => ({ rule: 'Timeout', message: `timed out after ${ms}`, context: ms });
  const subjects = [
    subject('a', [late('3 s'), late('4 s')]),
    ...['b', 'c', 'd', 'e', 'f'].map((path) => subject(path, [late('9 ms')])),
    subject('g', [{ message: 'other' }]),
    subject('h', [{ message: 'other', class: 'PARSE_ERROR' }]),
  ];
  const { causes } = run(subjects, {
    suppressions: [entry(fingerprintOf(finding(late('3 s'))).fingerprint)],
  }).summary;
  expect(causes).toEqual([
    {
      ...{ class: 'VALIDATION_ERROR', rule: 'Timeout', message: 'timed out after <dur>' },
      ...{ findings: 7, suppressed: 1, subjects: 6, examples: ['a', 'b', 'c', 'd', 'e'] },
    },
    expect.objectContaining({ class: 'PARSE_ERROR', findings: 1, examples: ['h'] }),
    expect.objectContaining({ class: 'VALIDATION_ERROR', message: 'other', examples: ['g'] }),
  ]);
  const many = Array.from({ length: 60 }, (_, at) =>
    subject(`s${String(at)}`, [{ rule: `R${String(at)}` }]),
  );
  expect(run(many).summary.causes.length).toBe(50);
});
