// Reads a whole bundle again and believes nothing in it that it can work out for itself. Of a run
// that has ended, a change of any byte of any file is found and the file named.

import { readBundle, type BundleReading } from './bundle-reading.ts';
import { sha256Hex } from './canonical.ts';
import { renderMarkers } from './markers.ts';
import type { RunState } from './run-state.ts';
import { attestationFindings } from './verify-attestation.ts';
import { fileFindings } from './verify-files.ts';
import { wrong, type Finding, type VerifyOptions } from './verify-finding.ts';
import { walkBundleJournal, type JournalWalk } from './verify-journal.ts';

export type Verification = {
  /** No finding is an error. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  /** By the good part of the journal; absent when that holds no record. */
  readonly state?: RunState;
};

/** Of the two files that are read whole. */
const contentMaxBytes = 256 << 20;

export async function verifyBundle(options: VerifyOptions): Promise<Verification> {
  const reading = options.reading ?? (await readBundle(options.files, options.root));
  const { listing } = reading;
  const result = await contentOf(reading, 'result.json');
  const walk = await walkBundleJournal(options, reading, result);
  const attestation = await contentOf(reading, 'attestation.intoto.jsonl');
  const findings = [
    ...walk.findings,
    ...fileFindings(listing, walk),
    ...markerFindings(listing, walk),
    ...(await attestationFindings(listing, attestation, options)),
  ];
  const ok = findings.every(({ severity }) => severity !== 'error');
  return { ok, findings, ...(walk.state === undefined ? {} : { state: walk.state }) };
}

async function contentOf(
  { listing, read }: BundleReading,
  name: string,
): Promise<Uint8Array | undefined> {
  const there = listing.some(({ path, kind }) => path === name && kind === 'file');
  return there ? read(name, contentMaxBytes) : undefined;
}

function markerFindings(
  listing: BundleReading['listing'],
  { state }: JournalWalk,
): readonly Finding[] {
  const file = 'markers.log';
  const entry = listing.find(({ path }) => path === file);
  if (state === undefined) return [];
  if (entry === undefined)
    return state.ended === undefined
      ? []
      : [wrong(file, 'markers-missing', 'The markers are missing.')];
  const message = 'The markers are not those that the journal gives.';
  return entry.sha256 === sha256Hex(renderMarkers(state))
    ? []
    : [wrong(file, 'markers-differ', message)];
}
