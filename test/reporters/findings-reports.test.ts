import { XMLParser } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { classify } from '../../src/findings/classify.ts';
import type { Classification } from '../../src/findings/classification-schema.ts';
import { fingerprintOf } from '../../src/findings/fingerprint.ts';
import { junitReader } from '../../src/findings/read-junit.ts';
import { readSarif } from '../../src/findings/read-sarif.ts';
import { renderFindingsJunit } from '../../src/reporters/findings-junit.ts';
import { renderFindingsMarkdown } from '../../src/reporters/findings-markdown.ts';
import { renderSarif } from '../../src/reporters/findings-sarif.ts';
import { at, finding, intake, schemaErrors, subject } from '../findings/samples.ts';

const aside = { context: 'aside', message: 'known' };
const suppressions = [
  {
    fingerprint: fingerprintOf(finding(aside)).fingerprint,
    reason: 'it waits',
    file: 's',
    line: 1,
  },
];
const sample = (
  subjects = [
    subject('a/b c.aether', [{ context: 'one', message: 'no <b> & "c"\n\u001b[31m' }, aside]),
    subject('known.aether', [aside]),
    subject('sound.aether'),
    subject('gone.aether', [{ class: 'IO_ERROR', rule: 'E_IO_NOT_FOUND' }]),
  ],
): Classification =>
  classify(intake(subjects, { flaky: [{ path: 'f', message: 'once' }], waived: 2 }), {
    ...{ timestamp: at, today: '2026-03-01', requireOwner: false, suppressions },
    categories: 'word',
  }).classification;

type Log = { readonly runs: readonly { readonly results: readonly Record<string, unknown>[] }[] };
const sarif = (options: Partial<Parameters<typeof renderSarif>[1]> = {}, of = sample()) =>
  JSON.parse(renderSarif(of, { version: '1.0.0', full: false, ...options })) as Log;

/** What SARIF 2.1.0 asks of the parts that are used; nothing else may be there. */
const text = { type: 'string', minLength: 1 };
const object = (properties: object, required: readonly string[] = []) => ({
  ...{ type: 'object', properties, required, additionalProperties: false },
});
const count = { type: 'integer', minimum: 1 };
const logSchema = object(
  {
    $schema: text,
    version: { const: '2.1.0' },
    runs: {
      type: 'array',
      items: object(
        {
          columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          tool: object(
            {
              driver: object(
                {
                  name: text,
                  version: text,
                  rules: { type: 'array', uniqueItems: true, items: object({ id: text }, ['id']) },
                },
                ['name'],
              ),
            },
            ['driver'],
          ),
          results: {
            type: 'array',
            items: object(
              {
                ruleId: text,
                level: { enum: ['none', 'note', 'warning', 'error'] },
                message: object({ text }, ['text']),
                baselineState: { enum: ['new', 'unchanged', 'updated', 'absent'] },
                partialFingerprints: { type: 'object', additionalProperties: text },
                suppressions: {
                  type: 'array',
                  items: object(
                    {
                      kind: { enum: ['inSource', 'external'] },
                      status: { enum: ['accepted', 'underReview', 'rejected'] },
                      justification: text,
                    },
                    ['kind'],
                  ),
                },
                locations: {
                  type: 'array',
                  items: object({
                    physicalLocation: object({
                      artifactLocation: object({
                        uri: { type: 'string', pattern: "^[\\w.~!$&'()*+,;=@%/-]+$" },
                      }),
                      region: object({ startLine: count, startColumn: count }),
                    }),
                    logicalLocations: {
                      type: 'array',
                      items: object({ fullyQualifiedName: text }),
                    },
                  }),
                },
              },
              ['message'],
            ),
          },
        },
        ['tool'],
      ),
    },
  },
  ['version', 'runs'],
);

test('SARIF is what the standard asks for, and suppressed results are left out', () => {
  const log = sarif();
  expect(schemaErrors(logSchema, log)).toEqual([]);
  expect(schemaErrors(logSchema, { ...log, version: '2.0.0' })).not.toEqual([]);
  expect(log.runs[0]?.results.map(({ ruleId }) => ruleId)).toEqual([
    'E_CALL_UNKNOWN',
    'E_IO_NOT_FOUND',
  ]);
  expect(log.runs[0]?.results[0]).toMatchObject({
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'a/b%20c.aether' },
          region: { startLine: 3, startColumn: 4 },
        },
      },
    ],
  });
});

test('SARIF in full marks what is set aside', () => {
  const log = sarif({ full: true });
  expect(schemaErrors(logSchema, log)).toEqual([]);
  const marked = log.runs[0]?.results.filter((each) => 'suppressions' in each);
  expect(marked).toMatchObject(
    Array.from({ length: 2 }, () => ({
      suppressions: [{ kind: 'external', status: 'accepted', justification: 'it waits' }],
    })),
  );
});

test('with a baseline, a result is new once the baseline has no more of it', () => {
  const twice = sample([subject('a', [{}]), subject('b', [{}])]);
  const { fingerprint } = fingerprintOf(finding());
  const states = (baseline: ReadonlyMap<string, number>) =>
    sarif({ baseline }, twice).runs[0]?.results.map((each) => each['baselineState']);
  expect(states(new Map([[fingerprint, 1]]))).toEqual(['unchanged', 'new']);
  expect(states(new Map())).toEqual(['new', 'new']);
  expect(sarif({}, twice).runs[0]?.results[0]).not.toHaveProperty('baselineState');
});

test('SARIF of a test report names tests, not files', () => {
  const tests = sample([{ ...subject('s › a', [{ source: 'junit' }]), source: 'junit' }]);
  expect(sarif({}, tests).runs[0]?.results[0]).toMatchObject({
    locations: [{ logicalLocations: [{ fullyQualifiedName: 's › a' }] }],
  });
});

test('our SARIF is read again', () => {
  const { subjects, problems } = readSarif(renderSarif(sample(), { version: '1', full: true }));
  expect(problems).toEqual([]);
  expect(subjects.flatMap(({ findings }) => findings).length).toBe(4);
});

test('JUnit: failure, error, skipped, passed, and sums that fit', () => {
  const xml = renderFindingsJunit(sample());
  const parsed = new XMLParser({ ignoreAttributes: false }).parse(xml) as {
    testsuites: { testsuite: Record<string, unknown> };
  };
  expect(parsed.testsuites.testsuite).toMatchObject({
    '@_tests': '4',
    '@_failures': '1',
    '@_errors': '1',
    '@_skipped': '1',
  });
  const reader = junitReader();
  reader.write(xml);
  const { subjects, problems } = reader.end();
  expect(problems).toEqual([]);
  const found = subjects.flatMap(({ findings }) => findings.map((each) => each.class));
  expect(found.sort()).toEqual(['ERROR', 'FAILURE']);
});

test('Markdown has the headings of the source document, and text of others in code spans', () => {
  const markdown = renderFindingsMarkdown(sample());
  const headings = markdown.split('\n').filter((line) => line.startsWith('#'));
  expect(headings).toEqual([
    '# Workflow Failure Classification',
    '## Categories',
    '## Suppressions',
    '## Notes',
  ]);
  expect(markdown).toContain('| `IoError` | 1 | `gone.aether` |');
  expect(markdown).toContain('W_SUPPRESS_MASS');
  expect(markdown).toContain('Flaky, not counted: `f`');
  const hostile = renderFindingsMarkdown(sample([subject('a|b`c\n## x', [{}])]));
  expect(hostile.split('\n').filter((line) => line.startsWith('##')).length).toBe(3);
});
