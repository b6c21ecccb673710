// The stable identity of a failure. The first 16 hex digits are what people write down; the whole
// digest tells when two failures share them by accident.

import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import { codeOf } from './classes.ts';
import type { Finding, Subject } from './finding.ts';
import { normaliseMessage } from './normalise-message.ts';

const shownLength = 16;
export const fingerprintPattern = /^[0-9a-f]{16}$/;

const surrogate = /\p{Surrogate}/gu;
const broken = /[\ud800-\udfff]/;
/** Half a surrogate pair has no UTF-8 form, and reports hold anything. */
const wellFormed = (text: string): string =>
  broken.test(text) ? text.replace(surrogate, '\ufffd') : text;

export type Identity = {
  readonly fingerprint: string;
  /** Hex SHA-256, whole. */
  readonly digest: string;
  /** Normalised. */
  readonly message: string;
};

/** Moves with the meaning of a failure, not with its place: class, rule, message and context. */
export function fingerprintOf(
  finding: Pick<Finding, 'class' | 'rule' | 'message' | 'context'>,
): Identity {
  const { rule, context } = finding;
  const message = normaliseMessage(finding.message);
  const digest = sha256Hex(listText(['seatrial/1', finding.class, rule, message, context]));
  return { fingerprint: digest.slice(0, shownLength), digest, message };
}

/** Canonical JSON. Of a list of strings, plain JSON is canonical once every string is well-formed. */
function listText(parts: readonly string[]): string {
  const text = JSON.stringify(parts);
  return text.includes('\\ud') ? canonicalJson(parts.map(wellFormed)) : text;
}

type ReferenceVerdict = NonNullable<Subject['reference']>;

const hashed = (...parts: readonly string[]): string =>
  sha256Hex(wellFormed(parts.join('|'))).slice(0, shownLength);

const lineOf = ({ line }: ReferenceVerdict): string => (line === undefined ? '-' : String(line));

/** As the reference classifier computes it in practice: moves with the line, not with the message. */
export const referenceFingerprint = (verdict: ReferenceVerdict): string =>
  hashed(verdict.class, lineOf(verdict), `AETHER_ERROR_CODE:${String(codeOf(verdict.class))}`);

/** As the source document describes it: moves with the line and the message. */
export const documentedFingerprint = (verdict: ReferenceVerdict): string =>
  hashed(verdict.class, lineOf(verdict), /^[^\n\r]*/u.exec(verdict.message)?.[0] ?? '');

/** Notices when two different failures of one input share a fingerprint. */
export function makeCollisionGuard(): {
  readonly add: (identity: Pick<Identity, 'fingerprint' | 'digest'>) => void;
  readonly collisions: () => readonly string[];
} {
  const seen = new Map<string, string>();
  const found = new Set<string>();
  return {
    add: ({ fingerprint, digest }) => {
      const known = seen.get(fingerprint);
      if (known === undefined) seen.set(fingerprint, digest);
      else if (known !== digest) found.add(fingerprint);
    },
    collisions: () => [...found],
  };
}
