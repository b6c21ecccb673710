import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attest, signStatement, verifyAttestation } from '../../src/evidence/attest.ts';
import { renderEnvelope, signEnvelope } from '../../src/evidence/dsse.ts';
import { testResultType } from '../../src/evidence/statement.ts';
import { makeKeys, sampleState } from './sample-keys.ts';

const files = [
  { name: 'journal.jsonl', sha256: '1'.repeat(64) },
  { name: 'result.json', sha256: '2'.repeat(64) },
];
const at = new Date('2026-06-01T00:00:00Z');
const { signer, trusted } = makeKeys();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const line = await attest({ state: sampleState(), subjects: files, signer });
const whole = bytes(`${line}\n`);
const codes = (verification: ReturnType<typeof verifyAttestation>): readonly string[] =>
  verification.findings.map(({ code }) => code);

describe('an attestation', () => {
  it('is trusted and names the files', () => {
    const { statements, ...rest } = verifyAttestation(whole, [trusted], at);
    expect(rest).toEqual({ findings: [], subjects: files, keyId: signer.keyId, trusted: true });
    expect(statements.map(({ predicateType }) => predicateType)).toEqual([testResultType]);
  });

  it('is the same each time', async () => {
    expect(await attest({ state: sampleState(), subjects: files, signer })).toBe(line);
  });

  it('may have several lines, all of which must hold', async () => {
    const second = await attest({ state: sampleState(), subjects: [], signer: makeKeys().signer });
    const two = verifyAttestation(bytes(`${line}\n${line}\n`), [trusted], at);
    expect(two.trusted).toBe(true);
    const bad = verifyAttestation(bytes(`${line}\n${second}\n`), [trusted], at);
    expect([bad.trusted, bad.subjects]).toEqual([false, []]);
  });

  it.each([
    ['no trusted key', [], 'key-unknown', 0],
    ['another key', [makeKeys().trusted], 'key-unknown', 0],
    [
      'a revoked key',
      [{ ...trusted, revoked: { at: '2026-07-01T00:00:00.000Z', reason: 'lost' } }],
      'key-revoked',
      2,
    ],
    ['an expired key', [{ ...trusted, notAfter: '2026-05-01T00:00:00.000Z' }], 'key-expired', 2],
    [
      'a key of tomorrow',
      [{ ...trusted, notBefore: '2026-07-01T00:00:00.000Z' }],
      'key-not-yet-valid',
      2,
    ],
    [
      'the id with the key of another',
      [{ ...makeKeys().trusted, keyId: trusted.keyId }],
      'signature-mismatch',
      0,
    ],
  ])('of %s is not trusted', (_, keys, code, subjects) => {
    const verification = verifyAttestation(whole, keys, at);
    expect(codes(verification)).toEqual([code]);
    expect(verification.trusted).toBe(false);
    expect(verification.subjects).toHaveLength(subjects);
  });

  it('collects all faults', async () => {
    const envelope = await signEnvelope('text/plain', bytes('hello'), signer);
    const text = JSON.stringify(JSON.parse(renderEnvelope(envelope)), undefined, 1).replaceAll(
      '\n',
      '',
    );
    const revoked = {
      ...makeKeys().trusted,
      keyId: trusted.keyId,
      revoked: { at: '', reason: '' },
    };
    expect(codes(verifyAttestation(bytes(`${text}\n`), [revoked], at))).toEqual([
      'attestation-not-canonical',
      'payload-type',
      'key-revoked',
      'signature-mismatch',
    ]);
  });
});

describe('what is signed', () => {
  it('must be a statement', async () => {
    const envelope = await signEnvelope('application/vnd.in-toto+json', bytes('{}'), signer);
    const verification = verifyAttestation(bytes(`${renderEnvelope(envelope)}\n`), [trusted], at);
    expect(codes(verification)).toEqual(['statement-malformed']);
  });

  it('may be another statement; its subjects with a sha256 are named', async () => {
    const signed = await signStatement(
      {
        subjects: [
          { name: 'a', digest: { sha256: '1'.repeat(64) } },
          { name: 'head', digest: { gitCommit: 'c'.repeat(40) } },
        ],
        predicateType: 'urn:x',
        predicate: {},
      },
      signer,
    );
    const { subjects, trusted: isTrusted } = verifyAttestation(bytes(`${signed}\n`), [trusted], at);
    expect([subjects, isTrusted]).toEqual([[{ name: 'a', sha256: '1'.repeat(64) }], true]);
  });
});

describe('the file', () => {
  it.each([
    ['nothing', ''],
    ['an empty line', '\n'],
    ['a cut line', line.slice(0, -2)],
    ['no end of line', line],
    ['a line too many', `${line}\n\n`],
    ['words', 'hello\n'],
    ['a byte order mark', `\ufeff${line}\n`],
  ])('that is %s is refused', (_, text) => {
    const verification = verifyAttestation(bytes(text), [trusted], at);
    expect(verification.trusted).toBe(false);
    expect(codes(verification)).toContain('attestation-malformed');
  });

  it('does not survive the change of any bit', () => {
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 7 }), (index, bit) => {
        const changed = whole.slice();
        changed[index] = (changed[index] ?? 0) ^ (1 << bit);
        expect(verifyAttestation(changed, [trusted], at).trusted).toBe(false);
      }),
      { numRuns: 1500 },
    );
  });
});
