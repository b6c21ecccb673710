// Signing what a run showed, and checking such a signature.

import type { Signer } from '../ports/signer.ts';
import {
  inTotoPayload,
  isSignedBy,
  parseEnvelope,
  renderEnvelope,
  signEnvelope,
  type Envelope,
} from './dsse.ts';
import { trustOf, type Trust, type TrustedKey } from './keys.ts';
import type { RunState } from './run-state.ts';
import {
  parseStatement,
  renderStatement,
  testResultStatement,
  type Statement,
} from './statement.ts';

/** A file of the bundle; `sha256` in hex. */
export type AttestedFile = { readonly name: string; readonly sha256: string };

const utf8 = new TextEncoder();

/** The line for `attestation.intoto.jsonl`, without its end. The same for the same run and key. */
export const attest = ({
  state,
  subjects,
  signer,
  url,
}: {
  readonly state: RunState;
  readonly subjects: readonly AttestedFile[];
  readonly signer: Signer;
  readonly url?: string;
}): Promise<string> =>
  signStatement(
    testResultStatement(
      state,
      subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
      url,
    ),
    signer,
  );

/** Any statement as a signed line, without its end. */
export async function signStatement(statement: Statement, signer: Signer): Promise<string> {
  const payload = utf8.encode(renderStatement(statement));
  return renderEnvelope(await signEnvelope(inTotoPayload, payload, signer));
}

export type AttestationFinding = { readonly code: string; readonly message: string };

export type AttestationVerification = {
  /** Every fault; none = each line is signed by a key that counts. */
  readonly findings: readonly AttestationFinding[];
  /** As stated under signatures that hold; empty when one does not. */
  readonly subjects: readonly AttestedFile[];
  readonly statements: readonly Statement[];
  /** Of the first signature; absent when there is none. */
  readonly keyId?: string;
  readonly trusted: boolean;
};

/**
 * Checks a file of signed statements, one a line. `at`: the time at which the keys must count.
 * Only the exact bytes that `attest` writes are accepted: any changed byte is a finding.
 */
export function verifyAttestation(
  bytes: Uint8Array,
  trustedKeys: readonly TrustedKey[],
  at: Date,
): AttestationVerification {
  const lines = linesOf(bytes);
  if (lines === undefined || lines.length === 0)
    return failed('attestation-malformed', 'It is not a text of whole lines, one statement each.');
  const checked = lines.map((line) => verifyLine(line, trustedKeys, at));
  const findings = checked.flatMap((each) => each.findings);
  const holds = checked.every((each) => each.holds);
  const statements = holds ? checked.flatMap((each) => each.statement ?? []) : [];
  const [keyId] = checked.flatMap((each) => each.keyId ?? []);
  return {
    findings,
    subjects: statements.flatMap(({ subjects }) =>
      subjects.flatMap(({ name, digest }) => sha256Of(digest).map((sha256) => ({ name, sha256 }))),
    ),
    statements,
    ...(keyId === undefined ? {} : { keyId }),
    trusted: findings.length === 0,
  };
}

const sha256Of = ({ sha256 }: Readonly<Record<string, string>>): readonly string[] =>
  sha256 === undefined ? [] : [sha256];

const failed = (code: string, message: string): AttestationVerification => ({
  findings: [{ code, message }],
  subjects: [],
  statements: [],
  trusted: false,
});

function linesOf(bytes: Uint8Array): readonly string[] | undefined {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const text = decoder.decode(bytes);
    return text.endsWith('\n') ? text.slice(0, -1).split('\n') : undefined;
  } catch {
    return undefined;
  }
}

type CheckedLine = {
  readonly findings: readonly AttestationFinding[];
  /** A signature of a key that we have fits. */
  readonly holds: boolean;
  readonly statement?: Statement;
  readonly keyId?: string;
};

function verifyLine(line: string, trustedKeys: readonly TrustedKey[], at: Date): CheckedLine {
  const envelope = parseEnvelope(line);
  if ('fault' in envelope)
    return {
      findings: [
        { code: 'attestation-malformed', message: `It is no envelope: ${envelope.fault}` },
      ],
      holds: false,
    };
  const { findings: faults, statement } = readStatement(envelope);
  const signatures = envelope.signatures.map(({ keyId, signature }) =>
    checkSignature(envelope, { keyId, signature }, trustOf(trustedKeys, keyId, at)),
  );
  const layout =
    renderEnvelope(envelope) === line
      ? []
      : [{ code: 'attestation-not-canonical', message: 'It was rewritten after it was made.' }];
  const keyId = envelope.signatures[0]?.keyId;
  return {
    findings: [...layout, ...faults, ...signatures.flatMap((each) => each.findings)],
    holds: signatures.every((each) => each.holds),
    ...(statement === undefined ? {} : { statement }),
    ...(keyId === undefined ? {} : { keyId }),
  };
}

function readStatement({ payloadType, payload }: Envelope): {
  readonly findings: readonly AttestationFinding[];
  readonly statement?: Statement;
} {
  if (payloadType !== inTotoPayload)
    return {
      findings: [{ code: 'payload-type', message: `The payload is ${payloadType}, no statement.` }],
    };
  const statement = parseStatement(payload);
  return 'fault' in statement
    ? {
        findings: [
          {
            code: 'statement-malformed',
            message: `The payload is no statement: ${statement.fault}`,
          },
        ],
      }
    : { findings: [], statement };
}

function checkSignature(
  envelope: Envelope,
  { keyId, signature }: Envelope['signatures'][number],
  trust: Trust,
): { readonly findings: readonly AttestationFinding[]; readonly holds: boolean } {
  if (trust.state === 'unknown')
    return {
      findings: [{ code: 'key-unknown', message: `Key ${keyId} is not among the trusted keys.` }],
      holds: false,
    };
  const holds = isSignedBy(envelope, signature, trust.key.publicKey);
  const mismatch = {
    code: 'signature-mismatch',
    message: `The signature of key ${keyId} does not fit.`,
  };
  return { findings: [...trustFindings(trust), ...(holds ? [] : [mismatch])], holds };
}

function trustFindings(trust: Exclude<Trust, { state: 'unknown' }>): readonly AttestationFinding[] {
  const { keyId, owner, notBefore, notAfter, revoked } = trust.key;
  const name = `Key ${keyId} of ${owner}`;
  switch (trust.state) {
    case 'trusted':
      return [];
    case 'revoked':
      return [
        {
          code: 'key-revoked',
          message: `${name} was revoked at ${revoked?.at ?? ''}: ${revoked?.reason ?? ''}.`,
        },
      ];
    case 'expired':
      return [{ code: 'key-expired', message: `${name} counted until ${notAfter}.` }];
    case 'not-yet-valid':
      return [{ code: 'key-not-yet-valid', message: `${name} counts from ${notBefore}.` }];
  }
}
