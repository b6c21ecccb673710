// What is signed about a sign-off: a summary verification result over everything it rests on.

import { sha256Hex } from '../evidence/canonical.ts';
import { signOffStatement, type Statement } from '../evidence/statement.ts';
import { resultsFile } from './gate-results.ts';
import type { GatesReport } from './gates-report.ts';
import { signOffFile } from './sign-off.ts';

export type SignOffFiles = {
  readonly results: string;
  readonly signOff: string;
  /** Hex SHA-256 of the whole journal. */
  readonly journalDigest: string;
};

export const runsListSubject = 'runs.jsonl';

export function gatesStatement(
  report: GatesReport,
  { results, signOff, journalDigest }: SignOffFiles,
): Statement {
  const { plan, state } = report;
  const sha256 = (name: string, digest: string) => ({ name, digest: { sha256: digest } });
  return signOffStatement({
    subjects: [
      sha256(resultsFile, sha256Hex(results)),
      sha256(signOffFile, sha256Hex(signOff)),
      sha256('journal.jsonl', journalDigest),
      sha256(runsListSubject, plan.runs_head),
      ...(plan.commit === null ? [] : [{ name: 'commit', digest: { gitCommit: plan.commit } }]),
    ],
    verifier: {
      id: 'urn:seatrial:verifier',
      policies: [{ uri: plan.file, digest: { sha256: plan.gates_digest } }],
    },
    timeCreated: state.endedAt ?? state.lastAt,
    properties: propertiesOf(report),
    run: { id: state.started.run, chainHead: state.head },
  });
}

/** Only what holds; a run with a planted fault holds nothing. */
export function propertiesOf({ gates, decision, state }: GatesReport): readonly string[] {
  if (state.started.canary !== undefined) return [];
  return [
    ...gates
      .filter((gate) => gate.state === 'pass')
      .map(({ name }) => `SEATRIAL_GATE_${name.toUpperCase()}_PASSED`),
    ...(decision === 'go' ? ['SEATRIAL_GO'] : []),
  ];
}
