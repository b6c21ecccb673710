import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  documentedFingerprint,
  fingerprintOf,
  fingerprintPattern,
  makeCollisionGuard,
  referenceFingerprint,
} from '../../src/findings/fingerprint.ts';
import { anyText, finding } from './samples.ts';

const of = (change: Parameters<typeof finding>[0] = {}) =>
  fingerprintOf(finding(change)).fingerprint;

test('the fingerprints of the reference are reproduced', () => {
  const verdict = (name: string, line: number) => ({ class: name, line, message: 'x' });
  expect(referenceFingerprint(verdict('VALIDATION_ERROR', 3))).toBe('5855cc545c58584a');
  expect(referenceFingerprint(verdict('PARSE_ERROR', 12))).toBe('b0a8ed071876c456');
});

test('the documented one moves with line and message, the practised one with the line alone', () => {
  const verdict = { class: 'PARSE_ERROR', line: 12, message: 'one\ntwo' };
  const other = { ...verdict, message: 'other' };
  expect(documentedFingerprint(verdict)).not.toBe(documentedFingerprint(other));
  expect(documentedFingerprint(verdict)).toBe(
    documentedFingerprint({ ...verdict, message: 'one' }),
  );
  expect(referenceFingerprint(verdict)).toBe(referenceFingerprint(other));
  const placeless = { class: verdict.class, message: verdict.message };
  expect(referenceFingerprint(placeless)).not.toBe(referenceFingerprint(verdict));
});

test('it is a published value: a change of it would orphan every suppression', () => {
  expect(of()).toBe('b0967df9c44840a7');
});

test.each([
  ['moved down', { place: { line: 13, column: 9 } }],
  ['the file renamed', { subject: 'c/d.aether' }],
  ['another number in the message', { message: "unknown function 'foo'" }],
  ['a trailing line', { message: "unknown function 'foo'\nat x" }],
  ['a second attempt', { attempt: 2 }],
])('it stays: %s', (_, change) => {
  expect(of(change)).toBe(of());
});

test.each([
  ['another name', { message: "unknown function 'bar'" }],
  ['another rule', { rule: 'E_CALL_ARITY' }],
  ['another class', { class: 'PARSE_ERROR' }],
  ['another statement', { context: 'foo ( 2 )' }],
])('it changes: %s', (_, change) => {
  expect(of(change)).not.toBe(of());
});

test('any finding has one, half surrogate pairs too', () => {
  fc.assert(
    fc.property(anyText, anyText, (message, context) => {
      expect(of({ message, context })).toMatch(fingerprintPattern);
    }),
  );
  expect(of({ message: 'a\ud800b' })).toMatch(fingerprintPattern);
});

test('a shared fingerprint of different failures is noticed', () => {
  const guard = makeCollisionGuard();
  guard.add({ fingerprint: 'f'.repeat(16), digest: 'a' });
  guard.add({ fingerprint: 'f'.repeat(16), digest: 'a' });
  expect(guard.collisions()).toEqual([]);
  guard.add({ fingerprint: 'f'.repeat(16), digest: 'b' });
  expect(guard.collisions()).toEqual(['f'.repeat(16)]);
});
