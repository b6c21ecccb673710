import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeSource, positionAt } from '../../src/diagnostics/source.ts';
import { parseKeys, renderKeys, trustOf, type TrustedKey } from '../../src/evidence/keys.ts';
import { keyIdOf } from '../../src/ports/signer.ts';

const pair = (): { der: Uint8Array; pem: string } => {
  const { publicKey } = generateKeyPairSync('ed25519');
  return {
    der: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    pem: String(publicKey.export({ type: 'spki', format: 'pem' })),
  };
};
const one = pair();
const id = keyIdOf(one.der);
const base64 = Buffer.from(one.der).toString('base64');
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
const otherBase64 = other.export({ type: 'spki', format: 'der' }).toString('base64');

const entry = (change: Readonly<Record<string, string | undefined>> = {}): string =>
  Object.entries<string | undefined>({
    key_id: `"${id}"`,
    public_key: base64,
    owner: 'Ann <ann@example.org>',
    not_before: '2026-01-01',
    not_after: '2026-12-31T12:00:00Z',
    ...change,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name, value], index) => `${index === 0 ? '- ' : '  '}${name}: ${value ?? ''}\n`)
    .join('');

const key: TrustedKey = {
  keyId: id,
  publicKey: one.der,
  owner: 'Ann <ann@example.org>',
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2026-12-31T12:00:00.000Z',
};

const parse = (text: string): ReturnType<typeof parseKeys> =>
  parseKeys(makeSource('seatrial.keys.yaml', text));

describe('seatrial.keys.yaml', () => {
  it('is read with its times in full', () => {
    expect(parse(entry())).toEqual({ keys: [key], diagnostics: [] });
  });

  it('takes keys as PEM, and days for the end', () => {
    const block = `|\n${one.pem.replaceAll(/^(?=.)/gmu, '    ')}`;
    const { keys, diagnostics } = parse(entry({ public_key: block, not_after: '2026-12-31' }));
    expect(diagnostics).toEqual([]);
    expect(keys).toEqual([{ ...key, notAfter: '2026-12-31T23:59:59.999Z' }]);
  });

  it('takes revocations', () => {
    const revoked = '{at: 2026-03-01, reason: laptop stolen}';
    expect(parse(entry({ revoked })).keys).toEqual([
      { ...key, revoked: { at: '2026-03-01T00:00:00.000Z', reason: 'laptop stolen' } },
    ]);
  });

  it('takes a key id that reads as a number', () => {
    expect(
      parse(entry({ key_id: '1234567890123456' })).diagnostics.map(({ code }) => code),
    ).toEqual(['KY005']);
  });

  it('may be empty', () => {
    expect(parse('[]\n')).toEqual({ keys: [], diagnostics: [] });
  });

  it.each([
    ['no YAML', '- key_id: "x\n', 'KY001', 2],
    ['no list', 'key_id: x\n', 'KY001', 1],
    ['nothing', '', 'KY001', 1],
    ['an alias', `- &a x\n- *a\n`, 'KY003', 1],
    ['an unknown key', entry({ ownr: 'x' }), 'KY002', 6],
    ['no owner', entry({ owner: undefined }), 'KY003', 1],
    ['an empty owner', entry({ owner: '""' }), 'KY003', 3],
    ['a list as owner', entry({ owner: '[x]' }), 'KY003', 3],
    ['another kind of key', entry({ public_key: otherBase64 }), 'KY004', 2],
    ['a key that is none', entry({ public_key: 'aGVsbG8=' }), 'KY004', 2],
    ['the id of another key', entry({ key_id: '0011223344556677' }), 'KY005', 1],
    ['no such day', entry({ not_before: '2026-02-31' }), 'KY003', 4],
    ['no zone', entry({ not_before: '2026-02-01T00:00:00' }), 'KY003', 4],
    ['words for a time', entry({ not_after: 'never' }), 'KY003', 5],
    ['an end before the beginning', entry({ not_after: '2025-01-01' }), 'KY007', 5],
    ['a revocation without a reason', entry({ revoked: '{at: 2026-03-01}' }), 'KY003', 6],
    ['a revocation that is none', entry({ revoked: 'yes' }), 'KY003', 6],
    ['a key twice', entry() + entry(), 'KY006', 6],
  ])('%s is refused', (_, text, code, line) => {
    const source = makeSource('seatrial.keys.yaml', text);
    const { keys, diagnostics } = parseKeys(source);
    expect(diagnostics.map((each) => each.code)).toContain(code);
    const found = diagnostics.find((each) => each.code === code);
    expect(positionAt(source, found?.span.start ?? 0).line).toBe(line);
    expect(keys.length).toBe(code === 'KY006' ? 1 : 0);
  });

  it('collects all problems and keeps the good entries', () => {
    const second = pair();
    const good = entry({
      key_id: `"${keyIdOf(second.der)}"`,
      public_key: Buffer.from(second.der).toString('base64'),
    });
    const bad = entry({ not_before: 'soon', public_key: 'x', colour: 'red' });
    const { keys, diagnostics } = parse(bad + good);
    expect(keys).toHaveLength(1);
    expect(diagnostics.map(({ code }) => code).sort()).toEqual(['KY002', 'KY003', 'KY004']);
  });
});

describe('any text', () => {
  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constant(entry()).chain(spoiled)), (text) => {
        parse(text);
      }),
    );
  });

  it('comes back from rendering as it was', () => {
    const text = fc
      .string({ minLength: 1, unit: 'binary' })
      .filter((each) => each.trim() === each && each !== '');
    fc.assert(
      fc.property(text, text, fc.boolean(), (owner, reason, isRevoked) => {
        const revoked = { at: '2026-05-01T00:00:00.000Z', reason };
        const keys = [{ ...key, owner, ...(isRevoked ? { revoked } : {}) }];
        expect(parse(renderKeys(keys))).toEqual({ keys, diagnostics: [] });
      }),
    );
    expect(parse(renderKeys([])).keys).toEqual([]);
  });
});

const spoiled = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.nat({ max: text.length }), fc.string({ maxLength: 3 }))
    .map(([at, piece]) => text.slice(0, at) + piece + text.slice(at + piece.length));

describe('trust', () => {
  const revoked = { ...key, revoked: { at: '2026-06-01T00:00:00.000Z', reason: 'lost' } };
  it.each([
    ['2025-12-31T23:59:59.999Z', key, 'not-yet-valid'],
    ['2026-01-01T00:00:00.000Z', key, 'trusted'],
    ['2026-12-31T12:00:00.000Z', key, 'trusted'],
    ['2026-12-31T12:00:00.001Z', key, 'expired'],
    ['2026-05-01T00:00:00.000Z', revoked, 'revoked'],
    ['2030-05-01T00:00:00.000Z', revoked, 'revoked'],
  ] as const)('at %s is as expected', (at, trusted, state) => {
    expect(trustOf([trusted], id, new Date(at)).state).toBe(state);
  });
  it('ends with the list', () => {
    expect(trustOf([key], '0011223344556677', new Date(key.notBefore)).state).toBe('unknown');
  });
});
