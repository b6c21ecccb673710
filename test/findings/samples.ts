// Findings and subjects that tests of this folder share.

import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import type { Finding, Intake, Reading, Subject } from '../../src/findings/finding.ts';

export const finding = (change: Partial<Finding> = {}): Finding => ({
  class: 'VALIDATION_ERROR',
  rule: 'E_CALL_UNKNOWN',
  message: "unknown function 'foo'",
  subject: 'a/b.aether',
  place: { line: 3, column: 4 },
  context: 'foo ( 1 )',
  source: 'aether',
  ...change,
});

export const subject = (path: string, findings: readonly Partial<Finding>[] = []): Subject => ({
  path,
  source: 'aether',
  phase: 'parse',
  dialect: 'aether-1.1',
  digest: 'd'.repeat(64),
  findings: findings.map((each) => finding({ subject: path, ...each })),
});

export const intake = (subjects: readonly Subject[], change: Partial<Intake> = {}): Intake => ({
  kinds: ['aether'],
  checker: 'seatrial',
  subjects,
  flaky: [],
  waived: 0,
  ...change,
});

export const at = '2026-03-01T12:00:00.000Z';

/** Every UTF-16 unit may occur, half surrogate pairs too. */
export const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff })))
  .map((units) => String.fromCharCode(...units));

/** What a JSON Schema says against a value; empty when it fits. */
export function schemaErrors(schema: object, value: unknown): readonly string[] {
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false, validateFormats: false });
  const validate = ajv.compile(schema);
  validate(JSON.parse(JSON.stringify(value)));
  return (validate.errors ?? []).map(
    ({ instancePath, message }) => `${instancePath} ${message ?? ''}`,
  );
}

/** `path class rule: message`, one for each finding, and the paths of sound subjects. */
export const brief = ({ subjects, problems }: Reading) => ({
  problems,
  found: subjects.flatMap(({ path, findings }) =>
    findings.map((each) => `${path} ${each.class} ${each.rule}: ${each.message}`),
  ),
  sound: subjects.filter(({ findings }) => findings.length === 0).map(({ path }) => path),
});
