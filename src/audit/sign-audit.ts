// What is signed about an audit: a summary verification result over its reconciliation and the runs
// that it rests on.

import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import { signOffStatement, type Statement } from '../evidence/statement.ts';
import type { JsonObject } from '../ports/json.ts';
import type { Audit } from './audit.ts';
import type { AuditAnswer } from './check-audit.ts';
import { countedBundles } from './gates-run.ts';
import { reconcile } from './reconcile.ts';

export function auditStatement(
  audit: Audit,
  answer: AuditAnswer,
  signed: { readonly name: string; readonly content: Uint8Array; readonly head: JsonObject },
): Statement {
  const { index, rows } = answer;
  const bundles = countedBundles({ index, answers: rows });
  const sha256 = (name: string, digest: string) => ({ name, digest: { sha256: digest } });
  return signOffStatement({
    subjects: [
      sha256(signed.name, sha256Hex(signed.content)),
      ...(audit.view.listHead === '' ? [] : [sha256('runs.jsonl', audit.view.listHead)]),
      ...bundles.map(({ summary }) => sha256(`runs/${summary.run}`, summary.head)),
    ],
    verifier: {
      id: 'urn:seatrial:verifier',
      policies: [
        {
          uri: `urn:seatrial:audit:${audit.pack.id}`,
          digest: { sha256: sha256Hex(canonicalJson(signed.head)) },
        },
      ],
    },
    timeCreated: audit.at,
    properties: reconcile(audit, answer).completePhases.map(
      (phase) => `AUDIT_PHASE_${String(phase)}_COMPLETE`,
    ),
  });
}
