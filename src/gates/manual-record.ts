// What a person signs about a gate, and whether such records make its manual part pass.

import * as z from 'zod';
import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import { isSignedBy, parseEnvelope, signEnvelope, renderEnvelope } from '../evidence/dsse.ts';
import { trustOf, type TrustedKey } from '../evidence/keys.ts';
import type { Json } from '../ports/json.ts';
import type { Signer } from '../ports/signer.ts';
import { durationMs, spokenDuration } from './duration.ts';
import type { Gate, GatesFile, ManualSettings } from './gate-schema.ts';

export const manualPayload = 'application/vnd.seatrial.gate-statement+json';
export const manualScenario = 'gates-attest';
export const statementMin = 20;

const digest = z.string().regex(/^[0-9a-f]{64}$/u);
const shape = z.strictObject({
  schema: z.literal('urn:seatrial:schema:gate-statement:1'),
  gate: z.string(),
  gate_digest: digest,
  target_digest: digest,
  commit: z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/u),
  key_id: z.string(),
  signer: z.string(),
  role: z.string(),
  statement: z.string().min(statementMin),
  decision: z.enum(['confirm', 'reject']),
  evidence: z.array(z.strictObject({ name: z.string(), sha256: digest, bytes: z.number() })),
  /** RFC 3339, UTC. */
  at: z.iso.datetime(),
});
export type ManualRecord = z.infer<typeof shape>;

/** Of a gate as the file declares it, so that a changed gate needs a new signature. */
export const gateDigest = (gate: Gate): string => digestOf(gate);
export const targetDigest = (file: GatesFile, gate: Gate): string =>
  digestOf(gate.target ?? file.target ?? null);
const digestOf = (value: unknown): string =>
  sha256Hex(canonicalJson(JSON.parse(JSON.stringify(value)) as Json));

/** The signed line, without its end. */
export async function signRecord(record: ManualRecord, signer: Signer): Promise<string> {
  const payload = new TextEncoder().encode(canonicalJson(record));
  return renderEnvelope(await signEnvelope(manualPayload, payload, signer));
}

/** A signed line as found in a store, and the evidence of it that is still there, by digest. */
export type FoundRecord = {
  readonly envelope: string;
  readonly objects: ReadonlyMap<string, Uint8Array>;
};

export type ManualQuestion = {
  readonly gate: string;
  readonly settings: ManualSettings;
  readonly gateDigest: string;
  readonly targetDigest: string;
  readonly commit: string | undefined;
  /** Name and address of the commit's author. */
  readonly author: string | undefined;
  readonly keys: readonly TrustedKey[];
  readonly now: Date;
};

export type ManualAnswer = {
  readonly verdict: 'passed' | 'failed' | 'inconclusive';
  readonly reason: string;
  /** Those that count, or the rejection. */
  readonly counted: readonly { readonly found: FoundRecord; readonly record: ManualRecord }[];
};

type Weighed = { readonly found: FoundRecord } & (
  { readonly record: ManualRecord; readonly fault?: undefined } | { readonly fault: string }
);

/** Records oldest first, as the store lists them. */
export function judgeManual(question: ManualQuestion, found: readonly FoundRecord[]): ManualAnswer {
  if (question.commit === undefined)
    return pending('no commit to sign for: the folder is in no repository');
  const weighed = found.flatMap((each): Weighed[] => weigh(each, question));
  const counting = weighed.flatMap((each) => (each.fault === undefined ? [each] : []));
  // What one person said last is what that person says.
  const byPerson = new Map(counting.map((each) => [each.record.signer, each]));
  const rejections = [...byPerson.values()].filter(({ record }) => record.decision === 'reject');
  const [rejected] = rejections;
  if (rejected !== undefined)
    return {
      verdict: 'failed',
      reason: `rejected by ${rejected.record.signer}: ${rejected.record.statement}`,
      counted: rejections,
    };
  const people = [...byPerson.values()];
  const { min_signers: wanted } = question.settings;
  if (people.length >= wanted) {
    const names = people.map(({ record }) => record.signer).join(', ');
    return { verdict: 'passed', reason: `confirmed by ${names}`, counted: people };
  }
  const faults = weighed.flatMap(({ fault }) => (fault === undefined ? [] : [fault]));
  const last = faults.at(-1);
  if (people.length > 0)
    return pending(
      `${String(people.length)} of ${String(wanted)} signers${last === undefined ? '' : `; ${last}`}`,
    );
  return pending(last ?? 'no sign-off for this commit');
}

const pending = (reason: string): ManualAnswer => ({
  verdict: 'inconclusive',
  reason,
  counted: [],
});

/** None when it is about another gate. */
function weigh(found: FoundRecord, question: ManualQuestion): Weighed[] {
  const opened = open(found.envelope);
  if ('fault' in opened) return [{ found, fault: opened.fault }];
  if (opened.record.gate !== question.gate) return [];
  const fault =
    signatureFault(found.envelope, opened.record, question) ??
    subjectFault(opened.record, question) ??
    timeFault(opened.record, question) ??
    evidenceFault(opened.record, found, question.settings);
  return [fault === undefined ? { found, record: opened.record } : { found, fault }];
}

function open(line: string): { readonly record: ManualRecord } | { readonly fault: string } {
  const envelope = parseEnvelope(line);
  if ('fault' in envelope || envelope.payloadType !== manualPayload)
    return { fault: 'a record that is none' };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(envelope.payload);
    const parsed = shape.safeParse(JSON.parse(text));
    return parsed.success ? { record: parsed.data } : { fault: 'a record that is none' };
  } catch {
    return { fault: 'a record that is none' };
  }
}

function signatureFault(
  line: string,
  record: ManualRecord,
  { settings, keys, now }: ManualQuestion,
): string | undefined {
  const trust = trustOf(keys, record.key_id, now);
  if (trust.state === 'unknown') return 'key not listed';
  const { owner, publicKey } = trust.key;
  if (![record.key_id, owner].some((each) => settings.signers.includes(each)))
    return 'key not listed';
  if (trust.state !== 'trusted') return `key ${trust.state}`;
  // The name in the record is the signer's own word; the keys file says whose the key is.
  if (owner !== record.signer) return 'key of another person';
  return fits(line, record.key_id, publicKey) ? undefined : 'signature does not fit';
}

function fits(line: string, keyId: string, publicKey: Uint8Array): boolean {
  const envelope = parseEnvelope(line);
  if ('fault' in envelope || envelope.signatures.length !== 1) return false;
  const [signature] = envelope.signatures;
  return signature?.keyId === keyId && isSignedBy(envelope, signature.signature, publicKey);
}

function subjectFault(record: ManualRecord, question: ManualQuestion): string | undefined {
  if (record.commit !== question.commit) return 'other commit';
  if (record.gate_digest !== question.gateDigest) return 'gate changed since';
  if (record.target_digest !== question.targetDigest) return 'target changed since';
  if (question.settings.role !== undefined && record.role !== question.settings.role)
    return `role is ${record.role}, not ${question.settings.role}`;
  if (question.settings.not_author && isAuthor(record.signer, question.author))
    return `${record.signer} is the author of the commit`;
  return undefined;
}

/** By name or address, case ignored. Without a known author nobody is cleared of being it. */
function isAuthor(signer: string, author: string | undefined): boolean {
  if (author === undefined) return true;
  const [, name = author, address = ''] = /^(.*?)\s*<(.*)>$/u.exec(author) ?? [];
  return [author, name, address].some((each) => each.toLowerCase() === signer.toLowerCase());
}

/** Clocks of two machines may differ by so much. */
const futureMs = 5 * 60_000;

function timeFault(record: ManualRecord, { settings, now }: ManualQuestion): string | undefined {
  const age = now.getTime() - Date.parse(record.at);
  if (age < -futureMs) return 'signed in the future';
  const over = age - durationMs(settings.max_age);
  return over > 0 ? `stale by ${spokenDuration(over)}` : undefined;
}

function evidenceFault(
  { evidence }: ManualRecord,
  { objects }: FoundRecord,
  { evidence: wanted }: ManualSettings,
): string | undefined {
  const missing = wanted.filter((name) => !evidence.some((each) => each.name === name));
  if (evidence.length === 0 || missing.length > 0)
    return `evidence missing${missing.length === 0 ? '' : `: ${missing.join(', ')}`}`;
  const gone = evidence.filter(({ sha256 }) => {
    const bytes = objects.get(sha256);
    return bytes === undefined || sha256Hex(bytes) !== sha256;
  });
  return gone.length === 0
    ? undefined
    : `evidence missing: ${gone.map(({ name }) => name).join(', ')}`;
}
