import { createHmac, generateKeyPairSync, hash, sign } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isSigned,
  signBytes,
  verifyBytes,
  type SignatureKey,
  type SigningKey,
  type VerifyOptions,
} from '../../src/aether/signature.ts';

type Pair = { signing: SigningKey; key: SignatureKey };

function makePair(): Pair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  const keyId = hash('sha256', spki).slice(0, 16);
  return {
    signing: {
      keyId,
      sign: async (bytes) => Promise.resolve(new Uint8Array(sign(null, bytes, privateKey))),
    },
    key: {
      keyId,
      publicKey: spki,
      owner: 'ann',
      notBefore: '2026-01-01T00:00:00Z',
      notAfter: '2027-01-01T00:00:00Z',
    },
  };
}

const { signing, key } = makePair();
const now = '2026-06-01T00:00:00Z';
const options: VerifyOptions = { keys: [key], now };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const file = bytesOf('goal: "x"\r\nstore(1)');

async function signed(bytes = file): Promise<Uint8Array> {
  const made = await signBytes(bytes, signing);
  if (made === undefined) throw new Error('not signed');
  return made;
}

function code(bytes: Uint8Array, changed: Partial<VerifyOptions> = {}): string {
  const answer = verifyBytes(bytes, { ...options, ...changed });
  return answer.ok ? 'ok' : answer.problem.code;
}

function hmac(text: string, secret: string): Uint8Array {
  const digest = createHmac('sha256', secret).update(text.replaceAll('\r\n', '\n')).digest('hex');
  return bytesOf(`# @signature: ${digest}\n${text}`);
}

test('what was signed verifies, with its owner', async () => {
  expect(verifyBytes(await signed(), options)).toEqual({
    ok: true,
    keyId: key.keyId,
    owner: 'ann',
  });
});

test('signing again replaces the header', async () => {
  const twice = await signed(await signed());
  expect(new TextDecoder().decode(twice).match(/@signature/g)).toHaveLength(1);
  expect(code(twice)).toBe('ok');
});

test('any byte changed behind the header is noticed', async () => {
  const bytes = await signed();
  const start = bytes.indexOf(0x0a) + 1;
  fc.assert(
    fc.property(
      fc.integer({ min: start, max: bytes.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (at, by) => {
        const changed = bytes.with(at, ((bytes[at] ?? 0) + by) % 256);
        expect(code(changed)).toBe('E_SIG_MISMATCH');
      },
    ),
  );
});

test('a file with a byte order mark is not signed', async () => {
  expect(await signBytes(bytesOf('\ufeffgoal: "x"\n'), signing)).toBeUndefined();
});

const rows: [string, () => Promise<Uint8Array>, Partial<VerifyOptions>, string][] = [
  ['no header', async () => Promise.resolve(file), {}, 'E_SIG_MISSING'],
  [
    'a blank line before it',
    async () => Uint8Array.of(0x0a, ...(await signed())),
    {},
    'E_SIG_MISSING',
  ],
  [
    'a byte order mark before it',
    async () => Uint8Array.of(0xef, 0xbb, 0xbf, ...(await signed())),
    {},
    'E_SIG_MISSING',
  ],
  [
    'a malformed header',
    async () => Promise.resolve(bytesOf('# @signature: rsa:1:2\n')),
    {},
    'E_SIG_FORMAT',
  ],
  [
    'a shortened signature',
    async () => (await signed()).filter((_, at) => at !== 60),
    {},
    'E_SIG_FORMAT',
  ],
  [
    'an appended newline',
    async () => Uint8Array.of(...(await signed()), 0x0a),
    {},
    'E_SIG_MISMATCH',
  ],
  ['no such key', signed, { keys: [makePair().key] }, 'E_SIG_KEY_UNKNOWN'],
  [
    'another key under its id',
    signed,
    { keys: [{ ...makePair().key, keyId: key.keyId }] },
    'E_SIG_MISMATCH',
  ],
  [
    'a revoked key',
    signed,
    { keys: [{ ...key, revoked: { at: '2026-12-31T00:00:00Z', reason: 'lost' } }] },
    'E_SIG_KEY_REVOKED',
  ],
  ['too early', signed, { now: '2025-12-31T23:59:59Z' }, 'E_SIG_KEY_EXPIRED'],
  ['too late', signed, { now: '2027-01-01T00:00:01Z' }, 'E_SIG_KEY_EXPIRED'],
  ['the old form', async () => Promise.resolve(hmac('goal: "x"\n', 'mine')), {}, 'E_SIG_LEGACY'],
  [
    'the old form, accepted',
    async () => Promise.resolve(hmac('goal: "x"\n', 'mine')),
    { legacySecret: 'mine' },
    'ok',
  ],
  [
    'the old form over LF',
    async () => Promise.resolve(hmac('goal: "x"\r\n', 'mine')),
    { legacySecret: 'mine' },
    'ok',
  ],
  [
    'the old form, another secret',
    async () => Promise.resolve(hmac('goal: "x"\n', 'mine')),
    { legacySecret: 'yours' },
    'E_SIG_MISMATCH',
  ],
  [
    'the known secret',
    async () => Promise.resolve(hmac('goal: "x"\n', 'aetherra-dev-signing-secret')),
    {},
    'E_SIG_FALLBACK_SECRET',
  ],
  [
    'the known secret, whatever is accepted',
    async () => Promise.resolve(hmac('goal: "x"\n', 'aetherra-dev-signing-secret')),
    { legacySecret: 'mine' },
    'E_SIG_FALLBACK_SECRET',
  ],
  [
    'the known secret given',
    async () => Promise.resolve(hmac('goal: "x"\n', 'mine')),
    { legacySecret: 'aetherra-dev-signing-secret' },
    'E_SIG_FALLBACK_SECRET',
  ],
];
test.each(rows)('%s', async (_, make, changed, want) => {
  expect(code(await make(), changed)).toBe(want);
});

test('over which bytes the old form fitted is said', () => {
  const answer = verifyBytes(hmac('goal: "x"\r\n', 'mine'), { ...options, legacySecret: 'mine' });
  expect(answer).toEqual({ ok: true, fitted: 'newlines as LF' });
});

test('never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const headed = Uint8Array.of(...bytesOf('# @signature: '), ...bytes);
      expect(isSigned(headed)).toBe(true);
      expect(code(headed)).toMatch(/^E_SIG_/);
    }),
  );
});

const corpus = new URL('../../../shared/data/aether-corpus/files/', import.meta.url);
if (!existsSync(corpus)) process.stderr.write('SKIPPED: no shared corpus here\n');

test.skipIf(!existsSync(corpus))(
  'public signed files are signed with the secret everybody knows',
  () => {
    const names = readdirSync(corpus).filter((name) => name.includes('.signed'));
    expect(names.length).toBeGreaterThan(5);
    for (const name of names)
      expect(code(readFileSync(new URL(name, corpus))), name).toBe('E_SIG_FALLBACK_SECRET');
  },
);
