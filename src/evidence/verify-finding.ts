import type { Files } from '../ports/files.ts';
import type { BundleReading } from './bundle-reading.ts';
import type { JournalHeader } from './journal-chain.ts';
import type { JournalRecord } from './record.ts';

export type Finding = {
  /** Relative to the bundle. */
  readonly file: string;
  /** Number of the journal record that is wrong or that says otherwise. */
  readonly seq?: number;
  /** Stable, for programs. */
  readonly code: string;
  /** A warning tells what is not proven; an error, what is wrong. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
};

export type AttestationAnswer = {
  readonly findings: readonly {
    readonly code: string;
    readonly message: string;
    readonly severity?: Finding['severity'];
  }[];
  /** As stated and signed; empty when the signature does not hold. */
  readonly subjects: readonly { readonly name: string; readonly sha256: string }[];
};

export type AttestationVerifier = (
  bytes: Uint8Array,
) => AttestationAnswer | Promise<AttestationAnswer>;

export type VerifyOptions = {
  readonly files: Files;
  /** Of the bundle. */
  readonly root: string;
  /** Of that folder, for those that go on to use what was verified. */
  readonly reading?: BundleReading;
  /** Checks signatures and trust; without one, an attestation is reported as unchecked. */
  readonly verifyAttestation?: AttestationVerifier;
  /** The run and store that the bundle must be of. */
  readonly header?: JournalHeader;
  /** Called with each good record in order, for those that want more of them than the state. */
  readonly visit?: (record: JournalRecord) => void;
  /** The chain head noted elsewhere, as `runs.jsonl` does at the end of a run. */
  readonly head?: string;
};

export const wrong = (file: string, code: string, message: string, seq?: number): Finding => ({
  file,
  ...(seq === undefined ? {} : { seq }),
  code,
  severity: 'error',
  message,
});
