// Signatures of workflow files: one header line over every byte behind it. Nothing is normalised.

import {
  createHmac,
  createPublicKey,
  timingSafeEqual,
  verify as verifySignature,
} from 'node:crypto';
import { problem, type Problem } from './problem.ts';
import type { RuleCode } from './rules.ts';

/** A key that signs; the private half stays where it is. */
export type SigningKey = {
  /** First 16 hex digits of SHA-256 of the public key's SPKI DER. */
  readonly keyId: string;
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>;
};

/** A key whose signatures count. Times are RFC 3339 in UTC. */
export type SignatureKey = {
  readonly keyId: string;
  /** SPKI DER, Ed25519. */
  readonly publicKey: Uint8Array;
  readonly owner: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly revoked?: { readonly at: string; readonly reason: string };
};

export type VerifyOptions = {
  readonly keys: readonly SignatureKey[];
  /** RFC 3339 in UTC. */
  readonly now: string;
  /** Accepts the old form with this secret. */
  readonly legacySecret?: string;
};

export type SignatureAnswer =
  | { readonly ok: true; readonly keyId: string; readonly owner: string }
  /** The old form; `fitted` says over which bytes. */
  | { readonly ok: true; readonly fitted: 'exact bytes' | 'newlines as LF' }
  | { readonly ok: false; readonly problem: Problem };

const payloadType = 'application/vnd.seatrial.aether';
const headerStart = '# @signature:';
const wellKnownSecret = 'aetherra-dev-signing-secret';

/** The signed file. A file that begins with a byte order mark cannot be signed: undefined. */
export async function signBytes(
  bytes: Uint8Array,
  key: SigningKey,
): Promise<Uint8Array | undefined> {
  const body = splitHeader(bytes)?.body ?? bytes;
  if (startsWithMark(body)) return undefined;
  const signature = toBase64Url(await key.sign(preAuthentication(body)));
  const header = `${headerStart} ed25519:${key.keyId}:${signature}${newlineOf(body)}`;
  return join(new TextEncoder().encode(header), body);
}

/** The newline that the file uses first, so that the header does not mix two kinds. */
function newlineOf(body: Uint8Array): string {
  const at = body.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  if (at === -1 || body[at] === 0x0a) return '\n';
  return body[at + 1] === 0x0a ? '\r\n' : '\r';
}

/** Whether the first line is a signature of any form. */
export function isSigned(bytes: Uint8Array): boolean {
  return splitHeader(bytes) !== undefined;
}

export function verifyBytes(bytes: Uint8Array, options: VerifyOptions): SignatureAnswer {
  const split = splitHeader(bytes);
  if (split === undefined) return refuse('E_SIG_MISSING', 0, 'the first line is no signature');
  const { value, body, length } = split;
  if (/^[0-9a-f]{64}$/i.test(value)) return verifyLegacy(value, body, options);
  const parts = /^ed25519:([0-9a-f]{16}):([A-Za-z0-9_-]{86})$/.exec(value);
  if (parts === null) return refuse('E_SIG_FORMAT', length, 'the signature line is malformed');
  const [, keyId = '', signature = ''] = parts;
  const key = options.keys.find((each) => each.keyId === keyId);
  if (key === undefined)
    return refuse('E_SIG_KEY_UNKNOWN', length, `the key ${keyId} is not among the trusted keys`);
  const unfit = refuseKey(key, options.now, length);
  if (unfit !== undefined) return unfit;
  if (!fits(key, signature, body))
    return refuse('E_SIG_MISMATCH', length, 'the file is not what was signed');
  return { ok: true, keyId, owner: key.owner };
}

function refuse(code: RuleCode, end: number, message: string): SignatureAnswer & { ok: false } {
  return { ok: false, problem: problem(code, { start: 0, end }, message) };
}

type Split = {
  readonly value: string;
  readonly body: Uint8Array;
  /** Code units of the header line without its newline; it is ASCII. */
  readonly length: number;
};

const headerMax = 400;

/** The first line and every byte behind its newline, or undefined where it is no signature. */
function splitHeader(bytes: Uint8Array): Split | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, headerMax));
  if (!head.startsWith(headerStart)) return undefined;
  const line = /^[^\r\n]*/.exec(head)?.[0] ?? '';
  const newline = head.startsWith('\r\n', line.length) ? 2 : 1;
  const body = bytes.subarray(Math.min(bytes.length, line.length + newline));
  return { value: line.slice(headerStart.length).trim(), body, length: line.length };
}

function startsWithMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** DSSE's pre-authentication encoding. */
function preAuthentication(body: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${String(payloadType.length)} ${payloadType} ${String(body.length)} `;
  return join(new TextEncoder().encode(head), body);
}

function join(head: Uint8Array, body: Uint8Array): Uint8Array {
  const whole = new Uint8Array(head.length + body.length);
  whole.set(head);
  whole.set(body, head.length);
  return whole;
}

function toBase64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** No trusted time says that a signature is older than its key's revocation. */
function refuseKey(
  { keyId, notBefore, notAfter, revoked }: SignatureKey,
  now: string,
  end: number,
): SignatureAnswer | undefined {
  if (revoked !== undefined)
    return refuse('E_SIG_KEY_REVOKED', end, `the key ${keyId} is revoked: ${revoked.reason}`);
  const at = Date.parse(now);
  if (at >= Date.parse(notBefore) && at <= Date.parse(notAfter)) return undefined;
  return refuse('E_SIG_KEY_EXPIRED', end, `the key ${keyId} is not valid at ${now}`);
}

function toPem(spki: Uint8Array): string {
  return `-----BEGIN PUBLIC KEY-----\n${btoa(String.fromCharCode(...spki))}\n-----END PUBLIC KEY-----\n`;
}

function fits({ publicKey }: SignatureKey, signature: string, body: Uint8Array): boolean {
  try {
    const spki = toPem(publicKey);
    const key = createPublicKey(spki);
    if (key.asymmetricKeyType !== 'ed25519') return false;
    return verifySignature(null, preAuthentication(body), key, fromBase64Url(signature));
  } catch {
    return false;
  }
}

function verifyLegacy(
  value: string,
  body: Uint8Array,
  { legacySecret }: VerifyOptions,
): SignatureAnswer {
  const end = headerStart.length + 1 + value.length;
  const isWellKnown =
    legacySecret === wellKnownSecret || fitLegacy(value, body, wellKnownSecret) !== undefined;
  if (isWellKnown)
    return refuse('E_SIG_FALLBACK_SECRET', end, 'signed with the secret that everybody knows');
  if (legacySecret === undefined)
    return refuse('E_SIG_LEGACY', end, 'a signature of the old form is not accepted');
  const fitted = fitLegacy(value, body, legacySecret);
  if (fitted === undefined) return refuse('E_SIG_MISMATCH', end, 'the file is not what was signed');
  return { ok: true, fitted };
}

function fitLegacy(
  value: string,
  body: Uint8Array,
  secret: string,
): 'exact bytes' | 'newlines as LF' | undefined {
  const wanted = new TextEncoder().encode(value.toLowerCase());
  const isOver = (bytes: Uint8Array): boolean => {
    const digest = createHmac('sha256', secret).update(bytes).digest('hex');
    return timingSafeEqual(new TextEncoder().encode(digest), wanted);
  };
  if (isOver(body)) return 'exact bytes';
  return isOver(withLf(body)) ? 'newlines as LF' : undefined;
}

const cr = 0x0d;
const lf = 0x0a;

/** CRLF and a lone CR as LF. */
function withLf(bytes: Uint8Array): Uint8Array {
  const kept = bytes.filter((byte, at) => byte !== cr || bytes[at + 1] !== lf);
  return kept.map((byte) => (byte === cr ? lf : byte));
}
