// Archives among the evidence: a secret inside one would pass the redactor unseen, so they are opened
// first, and one that holds a secret is kept as a listing.

import { archiveFormat, renderArchiveListing, scanArchive } from '../evidence/archive-scan.ts';
import type { RunSecrets } from './run-secrets.ts';
import type { Memory } from './session.ts';
import type { World } from './world.ts';

type Evidence = {
  readonly path: string;
  readonly content: Uint8Array;
  readonly mediaType: string;
};

export async function openedArchive(
  { archives }: Pick<World, 'archives'>,
  evidence: Evidence,
  { secrets, memory }: { readonly secrets: RunSecrets; readonly memory: Memory },
): Promise<Evidence> {
  if (archiveFormat(evidence.content) === undefined) return evidence;
  const { path, content } = evidence;
  const scan = await scanArchive(path, content, { archives, scan: secrets.scanner });
  memory.unscanned.push(...scan.unscanned.map((each) => `${each.path}: ${each.reason}`));
  if (scan.hits.length === 0) return evidence;
  const listing = new TextEncoder().encode(renderArchiveListing(scan));
  return { path, content: listing, mediaType: 'text/plain' };
}
