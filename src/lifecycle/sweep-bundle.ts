// What a kill in the middle of a write leaves in a bundle: half-made files, and objects whose record
// was never written. No record vouches for them, so a bundle that is closed must not hold them.

import { objectPath } from '../evidence/bundle-paths.ts';
import type { JournalRecord } from '../evidence/record.ts';
import type { Files } from '../ports/files.ts';

const objectFile = /^objects\/[0-9a-f]{2}\/[0-9a-f]{64}$/;
const halfMade = /^\.seatrial-[0-9a-f]+\.tmp$/;

export async function sweepBundle(
  files: Files,
  root: string,
  records: readonly JournalRecord[],
): Promise<void> {
  const kept = new Set(records.flatMap(digestsOf).map(objectPath));
  for (const { path, kind } of await files.listing(root, { digests: false }))
    if (kind === 'file' && (halfMade.test(path) || (objectFile.test(path) && !kept.has(path))))
      await files.remove(`${root}/${path}`);
}

function digestsOf(record: JournalRecord): readonly string[] {
  if (record.type === 'run.started') return [record.data.plan.sha256];
  if (record.type === 'observation') return [record.data.object.sha256];
  return record.type === 'check.ended' ? record.data.evidence.map(({ sha256 }) => sha256) : [];
}
