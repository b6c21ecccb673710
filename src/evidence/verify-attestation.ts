// What the attestation of a bundle covers. Whether its signature holds is asked of a verifier that
// knows envelopes and keys.

import type { Listing } from '../ports/files.ts';
import { subjectNames } from './bundle-paths.ts';
import { wrong, type Finding, type VerifyOptions } from './verify-finding.ts';

const attestation = 'attestation.intoto.jsonl';
/** These two are compared with a rendering from the journal, signed or not. */
const projected: ReadonlySet<string> = new Set(['result.json', 'markers.log']);

export async function attestationFindings(
  listing: Listing,
  bytes: Uint8Array | undefined,
  { verifyAttestation }: VerifyOptions,
): Promise<readonly Finding[]> {
  const present = new Map(listing.map(({ path, sha256 }) => [path, sha256]));
  const names = subjectNames.filter((name) => present.has(name));
  if (bytes === undefined || verifyAttestation === undefined)
    return [unsigned(bytes === undefined, names)];
  const { findings, subjects } = await verifyAttestation(bytes);
  const stated = new Set(subjects.map(({ name }) => name));
  return [
    ...findings.map((each) => ({ file: attestation, severity: 'error' as const, ...each })),
    ...subjects.flatMap(({ name, sha256 }) => subjectFindings(name, sha256, present)),
    ...names
      .filter((name) => !stated.has(name))
      .map((file) => wrong(file, 'not-covered', 'The attestation does not name it.')),
  ];
}

function unsigned(absent: boolean, names: readonly string[]): Finding {
  const uncovered = names.filter((name) => !projected.has(name)).join(', ');
  const why = absent ? 'There is no attestation' : 'The attestation was not checked';
  const message = `${why}; nothing vouches for ${uncovered}.`;
  const code = absent ? 'unsigned' : 'attestation-unchecked';
  return { file: attestation, code, severity: 'warning', message };
}

function subjectFindings(
  name: string,
  sha256: string,
  present: ReadonlyMap<string, string | undefined>,
): readonly Finding[] {
  if (!subjectNames.includes(name))
    return [wrong(attestation, 'unknown-subject', `It names ${name}, no file of a bundle.`)];
  if (!present.has(name))
    return [wrong(name, 'subject-missing', 'The attestation names it, but it is gone.')];
  return present.get(name) === sha256
    ? []
    : [wrong(name, 'subject-digest', 'The attestation states another digest of it.')];
}
