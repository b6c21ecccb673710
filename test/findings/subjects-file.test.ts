import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Intake, Subject } from '../../src/findings/finding.ts';
import { readSubjects } from '../../src/findings/read-subjects.ts';
import { renderSubjects, subjectsLineSchema } from '../../src/findings/subjects-file.ts';
import { anyText, intake, schemaErrors, subject } from './samples.ts';

const anySubject: fc.Arbitrary<Subject> = fc
  .record({
    path: anyText,
    found: fc.array(
      fc.record({ message: anyText, context: anyText, attempt: fc.integer({ min: 1, max: 9 }) }),
      { maxLength: 3 },
    ),
    reference: fc.boolean(),
  })
  .map(({ path, found, reference }) => ({
    ...subject(path, found),
    ...(reference
      ? { reference: { class: 'PARSE_ERROR', line: 2, message: 'x' }, signatureVerified: false }
      : {}),
  }));
const anyIntake = fc
  .record({
    subjects: fc.array(anySubject, { minLength: 1, maxLength: 5 }),
    flaky: fc.array(fc.record({ path: anyText, message: anyText }), { maxLength: 2 }),
    waived: fc.nat(),
    limited: fc.constantFrom(undefined, { limit: 3 }, { sample: 2, seed: 7 }),
  })
  .map(({ subjects, limited, ...rest }): Intake =>
    intake(subjects, { ...rest, ...(limited === undefined ? {} : { limited }) }),
  );

test('what is written is read again', () => {
  fc.assert(
    fc.property(anyIntake, (before) => {
      const { reading, header } = readSubjects(renderSubjects(before));
      expect(reading.problems).toEqual([]);
      expect({ ...header, ...reading, problems: undefined }).toEqual({
        ...before,
        problems: undefined,
      });
    }),
  );
});

test('any line that is missing is noticed', () => {
  const text = renderSubjects(
    intake([subject('a', [{}]), subject('b')], { flaky: [{ path: 'f', message: '' }] }),
  );
  expect(readSubjects(text).reading.problems).toEqual([]);
  const lines = text.split('\n');
  for (let left = 0; left < lines.length - 1; left += 1)
    expect(
      readSubjects(lines.filter((_, at) => at !== left).join('\n')).reading.problems,
    ).not.toEqual([]);
  expect(readSubjects(text.slice(0, -10)).reading.problems).not.toEqual([]);
  expect(readSubjects(`${text}<<<<<<< a\n`).reading.problems).not.toEqual([]);
});

test('each line fits the schema, and the schema can refuse', () => {
  const text = renderSubjects(
    intake([subject('a', [{}])], { flaky: [{ path: 'f', message: '' }], limited: { limit: 1 } }),
  );
  for (const line of text.trimEnd().split('\n'))
    expect(schemaErrors(subjectsLineSchema, JSON.parse(line))).toEqual([]);
  expect(schemaErrors(subjectsLineSchema, { path: 'a' })).not.toEqual([]);
});
