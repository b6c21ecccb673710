// The keys whose signatures count: seatrial.keys.yaml.

import { createPublicKey } from 'node:crypto';
import { stringify } from 'yaml';
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import { keyIdOf } from '../ports/signer.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { readYamlMaps, type Field, type Fields, type YamlMap } from './yaml-maps.ts';

export type TrustedKey = {
  readonly keyId: string;
  /** SPKI DER, Ed25519. */
  readonly publicKey: Uint8Array;
  readonly owner: string;
  /** RFC 3339, UTC. The key counts from the first through the second. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly revoked?: { readonly at: string; readonly reason: string };
};

export type KeysReading = {
  /** Entries without a problem. */
  readonly keys: readonly TrustedKey[];
  /** Codes KY001 to KY007, all errors: a file with one must not be used. */
  readonly diagnostics: readonly Diagnostic[];
};

const shape = {
  required: ['key_id', 'public_key', 'owner', 'not_before', 'not_after'],
  nested: { name: 'revoked', required: ['at', 'reason'] },
};

export function parseKeys(source: Source): KeysReading {
  const { maps, diagnostics } = readYamlMaps(source, shape);
  const keys: TrustedKey[] = [];
  const problems = [...diagnostics];
  const seen = new Set<string>();
  for (const map of maps) {
    const key = readKey(map, problems);
    if (key === undefined) continue;
    if (!seen.has(key.keyId)) keys.push(key);
    else problems.push(twice(map.fields.get('key_id')));
    seen.add(key.keyId);
  }
  return { keys, diagnostics: problems };
}

/** The key of an entry without a problem; adds those it has. */
function readKey(
  { fields, nested, sound }: YamlMap,
  problems: Diagnostic[],
): TrustedKey | undefined {
  const before = problems.length;
  const publicKey = readPublicKey(fields.get('public_key'), problems);
  const period = readPeriod(fields, problems);
  const revoked = nested && readRevoked(nested, problems);
  checkKeyId(fields.get('key_id'), publicKey, problems);
  const owner = fields.get('owner')?.text;
  const isSound = sound && problems.length === before;
  if (!isSound || !publicKey || !period || !owner) return undefined;
  const key = { keyId: keyIdOf(publicKey), publicKey, owner, ...period };
  return revoked === undefined ? key : { ...key, revoked };
}

function readRevoked(nested: Fields, problems: Diagnostic[]): TrustedKey['revoked'] {
  const at = readTime(nested.get('at'), 'T00:00:00.000Z', problems);
  const reason = nested.get('reason')?.text;
  return at === undefined || reason === undefined ? undefined : { at, reason };
}

function checkKeyId(
  keyId: Field | undefined,
  publicKey: Uint8Array | undefined,
  problems: Diagnostic[],
): void {
  if (keyId === undefined || publicKey === undefined) return;
  const right = keyIdOf(publicKey);
  if (keyId.text !== right)
    problems.push(
      error('KY005', 'key_id is not that of public_key.', keyId.span, `It must be ${right}.`),
    );
}

function readPeriod(
  fields: Fields,
  problems: Diagnostic[],
): Pick<TrustedKey, 'notBefore' | 'notAfter'> | undefined {
  const notBefore = readTime(fields.get('not_before'), 'T00:00:00.000Z', problems);
  const last = fields.get('not_after');
  const notAfter = readTime(last, 'T23:59:59.999Z', problems);
  if (notBefore === undefined || notAfter === undefined) return undefined;
  // Both are in one notation, in which later times are later texts.
  if (notBefore < notAfter) return { notBefore, notAfter };
  const span = last?.span ?? { start: 0, end: 0 };
  const hint = 'Correct one of them.';
  problems.push(error('KY007', 'not_after is not later than not_before.', span, hint));
  return undefined;
}

const twice = (keyId: Field | undefined): Diagnostic =>
  error(
    'KY006',
    'The key is listed twice.',
    keyId?.span ?? { start: 0, end: 0 },
    'Remove one of the entries; to end trust in a key, add `revoked`.',
  );

/** SPKI as PEM or as the base64 of its DER. */
function readPublicKey(field: Field | undefined, problems: Diagnostic[]): Uint8Array | undefined {
  if (field === undefined) return undefined;
  const { text, span } = field;
  const pem = /^-----BEGIN PUBLIC KEY-----([\w+/=\s]*)-----END PUBLIC KEY-----\s*$/u.exec(text);
  const der = fromBase64((pem?.[1] ?? text).replaceAll(/\s/gu, ''));
  if (der !== undefined && isEd25519(der)) return der;
  const hint = 'Give SPKI as PEM or as base64 of DER; `seatrial keys new` prints it.';
  problems.push(error('KY004', 'public_key is not an Ed25519 public key.', span, hint));
  return undefined;
}

function isEd25519(der: Uint8Array): boolean {
  try {
    const key = createPublicKey({
      key: toBase64(der),
      encoding: 'base64',
      format: 'der',
      type: 'spki',
    });
    const again = key.export({ format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' && toBase64(again) === toBase64(der);
  } catch {
    return false;
  }
}

const time = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z)?$/u;

/** UTC. A day alone means all of it. */
function readTime(
  field: Field | undefined,
  ofDay: string,
  problems: Diagnostic[],
): string | undefined {
  if (field === undefined) return undefined;
  const { text, span } = field;
  const parsed = new Date(time.test(text) && text.length === 10 ? text + ofDay : text);
  // The 31st of February is read as the 3rd of March.
  const isReal = time.test(text) && !Number.isNaN(parsed.getTime());
  if (isReal && parsed.toISOString().startsWith(text.slice(0, 10))) return parsed.toISOString();
  const hint = 'Write 2026-01-31 or 2026-01-31T00:00:00Z.';
  problems.push(error('KY003', 'This is not a time in UTC.', span, hint));
  return undefined;
}

const error = (code: string, message: string, span: Span, hint: string): Diagnostic => ({
  code,
  severity: 'error',
  message,
  span,
  hint,
});

/** `parseKeys` of it gives the same keys. */
export const renderKeys = (keys: readonly TrustedKey[]): string =>
  stringify(
    keys.map(({ keyId, publicKey, owner, notBefore, notAfter, revoked }) => ({
      key_id: keyId,
      public_key: toBase64(publicKey),
      owner,
      not_before: notBefore,
      not_after: notAfter,
      ...(revoked === undefined ? {} : { revoked: { at: revoked.at, reason: revoked.reason } }),
    })),
    // Digits alone would be read back as a number.
    { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' },
  );

export type Trust =
  | { readonly state: 'trusted'; readonly key: TrustedKey }
  | { readonly state: 'unknown' }
  | {
      readonly state: 'not-yet-valid' | 'expired' | 'revoked';
      readonly key: TrustedKey;
    };

/**
 * Whether a key's signature counts at a time. A revoked key fails every signature: no time that we
 * could trust says that one was made before.
 */
export function trustOf(keys: readonly TrustedKey[], keyId: string, at: Date): Trust {
  const key = keys.find((each) => each.keyId === keyId);
  if (key === undefined) return { state: 'unknown' };
  if (key.revoked !== undefined) return { state: 'revoked', key };
  if (at.getTime() < Date.parse(key.notBefore)) return { state: 'not-yet-valid', key };
  if (at.getTime() > Date.parse(key.notAfter)) return { state: 'expired', key };
  return { state: 'trusted', key };
}
