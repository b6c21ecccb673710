// Whether a sign-off is still what its run showed. Pure: whoever asks hands in what lies on the disk.

import { verifyAttestation } from '../evidence/attest.ts';
import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import type { TrustedKey } from '../evidence/keys.ts';
import { renderStatement, type Statement } from '../evidence/statement.ts';
import { spokenDuration } from './duration.ts';
import { resultsFile } from './gate-results.ts';
import type { GatesReport } from './gates-report.ts';
import { gatesStatement, type SignOffFiles } from './sign-gates.ts';
import { signOffAttestation, signOffFile } from './sign-off.ts';

export type SignOffFinding = { readonly file: string; readonly message: string };

export type SignOffQuestion = {
  readonly report: GatesReport;
  /** As the records render. */
  readonly rendered: SignOffFiles;
  /** As found. */
  readonly found: {
    readonly results: Uint8Array;
    readonly signOff: Uint8Array;
    readonly attestation?: Uint8Array | undefined;
  };
  readonly keys: readonly TrustedKey[];
  readonly now: Date;
  readonly commit?: string | undefined;
  readonly maxAgeMs?: number | undefined;
  readonly requireGo: boolean;
};

/** Everything that is wrong; empty when the sign-off holds. A missing signature is the caller's to judge. */
export const verifySignOff = (question: SignOffQuestion): readonly SignOffFinding[] => [
  ...renderedFindings(question),
  ...signatureFindings(question),
  ...demandFindings(question),
];

function renderedFindings({ rendered, found }: SignOffQuestion): readonly SignOffFinding[] {
  const message = 'It is not what the records of its run render to.';
  return [
    ...(sha256Hex(found.results) === sha256Hex(rendered.results)
      ? []
      : [{ file: resultsFile, message }]),
    ...(sha256Hex(found.signOff) === sha256Hex(rendered.signOff)
      ? []
      : [{ file: signOffFile, message }]),
  ];
}

function signatureFindings({
  report,
  rendered,
  found,
  keys,
  now,
}: SignOffQuestion): readonly SignOffFinding[] {
  const file = signOffAttestation;
  const { signer } = report.state.started;
  if (found.attestation === undefined)
    return signer === undefined || report.state.started.canary !== undefined
      ? []
      : [{ file, message: 'The run was to be signed, and the attestation is missing.' }];
  const { findings, statements } = verifyAttestation(found.attestation, keys, now);
  const wanted = gatesStatement(report, rendered);
  const [stated, ...more] = statements;
  return [
    ...findings.map(({ message }) => ({ file, message })),
    ...(more.length > 0 ? [{ file, message: 'It holds more than one statement.' }] : []),
    ...(findings.length > 0 || (stated !== undefined && isSameStatement(stated, wanted))
      ? []
      : [{ file, message: differenceOf(stated, wanted) }]),
  ];
}

const isSameStatement = (a: Statement, b: Statement): boolean =>
  renderStatement(a) === renderStatement(b);

function differenceOf(stated: Statement | undefined, wanted: Statement): string {
  const digest = (subjects: Statement['subjects'], name: string): string =>
    canonicalJson({ ...subjects.find((each) => each.name === name)?.digest });
  const other = wanted.subjects.find(
    ({ name }) => digest(stated?.subjects ?? [], name) !== digest(wanted.subjects, name),
  );
  return other === undefined
    ? 'It states something else than the records of the run give.'
    : `It states another digest of ${other.name}.`;
}

function demandFindings(question: SignOffQuestion): readonly SignOffFinding[] {
  const { report, maxAgeMs, now, requireGo } = question;
  const { state, decision } = report;
  const age = now.getTime() - Date.parse(state.endedAt ?? state.lastAt);
  const messages = [
    ...(state.started.canary === undefined ? [] : ['Its run was a canary’s: a fault was planted.']),
    ...commitFaults(question),
    ...(maxAgeMs === undefined || age <= maxAgeMs
      ? []
      : [`It is stale by ${spokenDuration(age - maxAgeMs)}.`]),
    ...(requireGo && decision !== 'go' ? [`Its decision is ${decision}, not go.`] : []),
  ];
  return messages.map((message) => ({ file: signOffFile, message }));
}

function commitFaults({ report: { plan }, commit }: SignOffQuestion): readonly string[] {
  if (commit === undefined) return [];
  return [
    ...(commit === plan.commit ? [] : [`It is of commit ${plan.commit ?? 'none'}, not ${commit}.`]),
    ...(plan.dirty ? ['The work tree held changes that no commit has.'] : []),
  ];
}
