// Our SARIF against the schema that its authors publish. It is of JSON Schema draft 4, of which it uses
// nothing that draft 7 reads otherwise.

import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classify } from '../../src/findings/classify.ts';
import type { Finding } from '../../src/findings/finding.ts';
import { renderSarif } from '../../src/reporters/findings-sarif.ts';
import { anyText, at, intake, subject } from '../findings/samples.ts';

const published = new URL(
  'schemas/sarif-2.1.0-rtm.5.json',
  import.meta.resolve('@microsoft/jest-sarif'),
);

/** URI references as RFC 3986 spells them: nothing but its characters, and whole escapes. */
const uriReference = /^(?:[\w.~!$&'()*+,;=:@/?#[\]-]|%[0-9A-Fa-f]{2})*$/;

function compile(): ValidateFunction {
  const { $schema, id, ...schema } = JSON.parse(readFileSync(published, 'utf8')) as Record<
    string,
    unknown
  >;
  expect([$schema, id]).toEqual([
    'http://json-schema.org/draft-04/schema#',
    expect.stringContaining('sarif-2.1.0'),
  ]);
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  ajv.addFormat('uri', /^[a-z][a-z0-9+.-]*:/i);
  ajv.addFormat('uri-reference', uriReference);
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
  return ajv.compile(schema);
}
const validate = compile();

const errorsOf = (log: unknown): readonly string[] => {
  validate(log);
  return (validate.errors ?? []).map(
    ({ instancePath, message }) => `${instancePath} ${message ?? ''}`,
  );
};

type Findings = readonly Partial<Finding>[];

function logOf(subjects: readonly (readonly [path: string, findings: Findings])[]): unknown {
  const { classification } = classify(
    intake(subjects.map(([path, findings]) => subject(path, findings))),
    {
      ...{ timestamp: at, today: '2026-03-01', requireOwner: false },
      suppressions: [],
      categories: 'word',
    },
  );
  const baseline = new Map<string, number>();
  return JSON.parse(renderSarif(classification, { version: '1.0.0', full: true, baseline }));
}

test('an ordinary log, and canaries that the schema must refuse', () => {
  const log = logOf([
    ['a/b c.aether', [{}, { class: 'WARNING' }]],
    ['sound.aether', []],
  ]) as {
    runs: { results: { level: string }[] }[];
  };
  expect(errorsOf(log)).toEqual([]);
  expect(errorsOf({ ...log, version: '2.0.0' })).not.toEqual([]);
  expect(errorsOf({ ...log, more: 1 })).not.toEqual([]);
  const [result] = log.runs[0]?.results ?? [];
  if (result === undefined) throw new Error('there is no result');
  result.level = 'fatal';
  expect(errorsOf(log)).not.toEqual([]);
});

test('whatever findings hold, the log keeps to the schema', () => {
  const findings = fc.array(
    fc.record({ message: anyText, rule: anyText, context: anyText, source: fc.constant('aether') }),
    { maxLength: 3 },
  ) as fc.Arbitrary<Findings>;
  const subjects = fc.uniqueArray(fc.tuple(anyText, findings), {
    maxLength: 4,
    selector: ([path]) => path,
  });
  fc.assert(
    fc.property(subjects, (each) => {
      expect(errorsOf(logOf(each))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
