// Every file of a bundle folder: objects against their digests, and nothing that does not belong.

import type { Listing, ListingEntry } from '../ports/files.ts';
import { objectPath, reportNames } from './bundle-paths.ts';
import { incomingFolder } from './object-store.ts';
import type { JournalWalk } from './verify-journal.ts';
import { wrong, type Finding } from './verify-finding.ts';

const folders = /^(\.|objects(\/[0-9a-f]{2}|\/incoming)?)$/;
const objectFile = /^objects\/[0-9a-f]{2}\/[0-9a-f]{64}$/;
/** What a crash in the middle of an atomic write leaves behind. */
const leftover = /^\.seatrial-[0-9a-f]+\.tmp$/;
const known: ReadonlySet<string> = new Set([
  ...['journal.jsonl', 'result.json', 'markers.log', 'attestation.intoto.jsonl'],
  ...reportNames,
]);

export function fileFindings(listing: Listing, walk: JournalWalk): readonly Finding[] {
  const entries = new Map(listing.map((entry) => [entry.path, entry]));
  const missing = [...walk.objects.values()].flatMap(({ ref, seq }): Finding[] => {
    const file = objectPath(ref.sha256);
    const message = `${ref.path} is missing; record ${String(seq)} points to it.`;
    return entries.get(file)?.kind === 'file'
      ? []
      : [{ file, seq, code: 'object-missing', severity: 'error', message }];
  });
  return [...missing, ...listing.flatMap((entry) => entryFindings(entry, walk))];
}

function entryFindings(entry: ListingEntry, walk: JournalWalk): readonly Finding[] {
  const { path: file, kind } = entry;
  if (kind === 'directory')
    return folders.test(file) ? [] : [wrong(file, 'unknown-file', 'It is no part of a bundle.')];
  if (kind !== 'file') return [wrong(file, 'not-a-file', 'It is neither a file nor a folder.')];
  if (known.has(file)) return [];
  if (leftover.test(file) || file.startsWith(`${incomingFolder}/`))
    return [
      { ...wrong(file, 'leftover', 'A crash left it; it proves nothing.'), severity: 'warning' },
    ];
  if (!objectFile.test(file)) return [wrong(file, 'unknown-file', 'It is no part of a bundle.')];
  return objectFindings(entry, walk);
}

function objectFindings(
  { path: file, sha256, sizeBytes }: ListingEntry,
  { objects, state }: JournalWalk,
): readonly Finding[] {
  const name = file.slice(-64);
  const pointed = objects.get(name);
  if (sha256 !== name || file !== objectPath(name))
    return [wrong(file, 'object-digest', 'Its content has another digest.', pointed?.seq)];
  if (pointed === undefined) {
    const finding = wrong(file, 'unreferenced-object', 'No record points to it.');
    // A crash between an object and its record leaves one.
    return [state?.ended === undefined ? { ...finding, severity: 'warning' } : finding];
  }
  return pointed.ref.bytes === sizeBytes
    ? []
    : [wrong(file, 'object-size', 'Its record states another size.', pointed.seq)];
}
