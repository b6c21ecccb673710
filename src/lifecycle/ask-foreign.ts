// What is seen to before a check that came with the head is run: that it is what was approved, and that
// the evidence says under which authority and within which limits it ran.

import { sha256Hex } from '../evidence/canonical.ts';
import type { OverlayOutcome, OverlayRunOptions } from '../ports/overlays.ts';
import type { OverlayFile } from '../scenario/plan.ts';
import { changeOfLocalCode } from './local-snapshot.ts';
import type { Session } from './session.ts';

export type Foreign = {
  readonly options: Required<OverlayRunOptions>['foreign'];
  /** What is not as it was planned; then nothing may run. */
  readonly changed?: string;
};

/** Undefined for the owner's own checks. */
export async function foreignOf(
  session: Session,
  operation: string,
  { path, sha256, authority }: OverlayFile,
): Promise<Foreign | undefined> {
  if (authority === undefined) return undefined;
  const { world, recorder, plan, localFolder } = session;
  const sandbox = authority === 'sandboxed' ? await world.sandbox.state() : undefined;
  const record = {
    schema: 'seatrial.authority/v1',
    ...{ file: `tests/${path}`, sha256, authority },
    local: plan.local?.digest ?? '',
    ...(sandbox === undefined ? {} : { sandbox }),
  };
  const name = `authority-${sha256Hex(path).slice(0, 12)}`;
  await recorder.observe(operation, name, record);
  const changed = await changeOfLocalCode(session);
  return {
    options: { authority, root: localFolder },
    ...(changed === undefined ? {} : { changed }),
  };
}

export const changedAnswer = (id: string, path: string): OverlayOutcome => ({
  ...{ id, verdict: 'error', durationMs: 0, evidence: [], touched: [] },
  message: `snapshot-changed: ${path} is not what was approved`,
});
