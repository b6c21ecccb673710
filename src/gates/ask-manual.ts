// The manual part of a gate, answered from the records that people signed.

import type { ObjectRef } from '../evidence/record.ts';
import type { Json } from '../ports/json.ts';
import { findRecords } from './find-records.ts';
import { manualCheck } from './gate-plan.ts';
import type { Gate, ManualSettings } from './gate-schema.ts';
import type { GateSession } from './gate-session.ts';
import { gateDigest, judgeManual, targetDigest, type ManualAnswer } from './manual-record.ts';

export async function askManual(
  session: GateSession,
  { name, gate }: { readonly name: string; readonly gate: Gate },
  settings: ManualSettings,
  details: Record<string, Json>,
): Promise<void> {
  const { bundle, options, world } = session;
  const data = { check: manualCheck(name), operation: name, boundary: 'host-cli' } as const;
  await bundle.append({ type: 'check.started', data });
  const answer = judgeManual(
    {
      gate: name,
      settings,
      gateDigest: gateDigest(gate),
      targetDigest: targetDigest(options.file, gate),
      commit: options.head?.commit,
      author: options.head?.author,
      keys: options.keys,
      now: world.clock.now(),
    },
    await findRecords(options.store),
  );
  const alone = gate.checks.length === 0 ? ' (no automated check)' : '';
  const message = `${answer.reason}${alone}`;
  if (answer.verdict !== 'passed')
    Object.assign(details, { manual_followup: true, reason: message });
  await bundle.append({
    type: 'check.ended',
    data: {
      ...data,
      verdict: answer.verdict,
      attempt: 1,
      message,
      evidence: await keep(session, data.check, answer),
      touched: ['host-cli'],
      durationMs: 0,
    },
  });
  for (const { record } of answer.counted)
    await bundle.append({
      type: 'note',
      data: {
        code: 'gate-signed',
        severity: 'info',
        message: `${record.signer} ${record.decision === 'reject' ? 'rejected' : 'confirmed'} ${name}.`,
        details: { ...record, valid: settings.max_age },
      },
    });
}

/** The signed lines and what was signed for are this run's evidence too, so that its sign-off covers them. */
async function keep(
  { bundle }: GateSession,
  check: string,
  { counted }: ManualAnswer,
): Promise<readonly ObjectRef[]> {
  const kept: ObjectRef[] = [];
  for (const [index, { found, record }] of counted.entries()) {
    const folder = `evidence/${check}/${String(index + 1)}`;
    kept.push(
      await bundle.put({
        path: `${folder}/statement.json`,
        mediaType: 'application/json',
        content: `${found.envelope}\n`,
      }),
    );
    for (const { name, sha256 } of record.evidence)
      kept.push(
        await bundle.put({
          path: `${folder}/${name}`,
          mediaType: 'application/octet-stream',
          content: found.objects.get(sha256) ?? '',
        }),
      );
  }
  return kept;
}
