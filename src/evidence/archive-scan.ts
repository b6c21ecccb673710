// Looks for secrets inside archives. What could not be looked at is said, so that nobody takes
// silence for absence.

import type { ArchiveFormat, Archives } from '../ports/archives.ts';
import type { Form } from './secret-forms.ts';
import type { SecretScan } from './secret-scan.ts';

export type MemberHit = {
  /** `outer.zip/inner.tar/path`. */
  readonly path: string;
  readonly name: string;
  readonly form: Form;
};

export type Unscanned = { readonly path: string; readonly reason: string };

export type ArchiveScan = {
  /** Everything that was opened, the archive itself first. */
  readonly members: readonly { readonly path: string; readonly bytes: number }[];
  readonly hits: readonly MemberHit[];
  readonly unscanned: readonly Unscanned[];
};

export type ArchiveLimits = {
  /** 1 = only the members of the file itself. */
  readonly maxDepth: number;
  readonly maxBytes: number;
  readonly maxMembers: number;
};

const defaultLimits: ArchiveLimits = {
  maxDepth: 3,
  maxBytes: 64 * 1024 * 1024,
  maxMembers: 100_000,
};

type Scanning = {
  readonly archives: Archives;
  readonly scan: () => SecretScan;
  readonly limits?: ArchiveLimits;
};

type Found = {
  readonly members: { path: string; bytes: number }[];
  readonly hits: MemberHit[];
  readonly unscanned: Unscanned[];
  left: number;
};

const utf8 = new TextEncoder();

/** Scans a file and, when it is an archive, the names and contents of all it holds. */
export async function scanArchive(
  path: string,
  bytes: Uint8Array,
  scanning: Scanning,
): Promise<ArchiveScan> {
  const limits = scanning.limits ?? defaultLimits;
  const found: Found = { members: [], hits: [], unscanned: [], left: limits.maxBytes };
  await scanMember({ path, bytes, depth: 0 }, { ...scanning, limits }, found);
  const { members, hits, unscanned } = found;
  return { members, hits, unscanned };
}

type Member = { readonly path: string; readonly bytes: Uint8Array; readonly depth: number };

async function scanMember(
  member: Member,
  scanning: Required<Scanning>,
  found: Found,
): Promise<void> {
  const { path, bytes, depth } = member;
  found.members.push({ path, bytes: bytes.length });
  // Also of archives: their comments, gaps and stored members are plain bytes.
  found.hits.push(...hitsIn(scanning.scan(), path, bytes));
  const format = archiveFormat(bytes);
  if (format === undefined) return;
  if (format === 'unknown') {
    found.unscanned.push({ path, reason: 'is compressed in a way that cannot be opened' });
    return;
  }
  if (depth === scanning.limits.maxDepth) {
    found.unscanned.push({ path, reason: 'is an archive too deep inside others' });
    return;
  }
  await scanMembers(member, format, { scanning, found });
}

async function scanMembers(
  { path, bytes, depth }: Member,
  format: ArchiveFormat,
  { scanning, found }: { readonly scanning: Required<Scanning>; readonly found: Found },
): Promise<void> {
  const { maxMembers } = scanning.limits;
  const reading = await scanning.archives.read(format, bytes, {
    maxBytes: found.left,
    maxMembers: Math.max(0, maxMembers - found.members.length),
  });
  found.left -= reading.members.reduce((sum, each) => sum + each.bytes.length, 0);
  if (reading.problem !== undefined) found.unscanned.push({ path, reason: reading.problem });
  for (const member of reading.members) {
    const inner = `${path}/${member.path}`;
    if (member.problem !== undefined) found.unscanned.push({ path: inner, reason: member.problem });
    await scanMember({ path: inner, bytes: member.bytes, depth: depth + 1 }, scanning, found);
  }
}

function hitsIn(scan: SecretScan, path: string, bytes: Uint8Array): readonly MemberHit[] {
  scan.push(utf8.encode(`${path}\n`));
  scan.push(bytes);
  return scan.end().map(({ name, form }) => ({ path, name, form }));
}

/** What is stored instead of an archive with a hit. The writer masks secrets in names. */
export function renderArchiveListing(scan: ArchiveScan): string {
  const notes = (path: string): string =>
    [
      ...scan.hits
        .filter((hit) => hit.path === path)
        .map(({ name, form }) => `[REDACTED:${name}] (${form})`),
      ...scan.unscanned.filter((each) => each.path === path).map(({ reason }) => reason),
    ]
      .map((note) => `  ${note}`)
      .join('');
  const lines = scan.members.map(
    ({ path, bytes }) => `${String(bytes).padStart(12)}  ${JSON.stringify(path)}${notes(path)}`,
  );
  return `An archive that holds secrets, as a listing.\n${lines.join('\n')}\n`;
}

const magics: readonly (readonly [string, ArchiveFormat | 'unknown'])[] = [
  ['504b0304', 'zip'],
  ['504b0506', 'zip'],
  ['1f8b08', 'gzip'],
  ['fd377a585a00', 'unknown'], // xz
  ['28b52ffd', 'unknown'], // zstd
  ['425a68', 'unknown'], // bzip2
  ['377abcaf271c', 'unknown'], // 7z
  ['526172211a07', 'unknown'], // rar
  ['04224d18', 'unknown'], // lz4
];

/** By content, never by name. `unknown` = packed, but not in a format that can be opened here. */
export function archiveFormat(bytes: Uint8Array): ArchiveFormat | 'unknown' | undefined {
  const start = hexOf(bytes.subarray(0, 8));
  const magic = magics.find(([prefix]) => start.startsWith(prefix));
  if (magic !== undefined) return magic[1];
  if (isTar(bytes)) return 'tar';
  return endsAsZip(bytes) ? 'zip' : undefined;
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** By the checksum of the first header, which old formats without a magic have too. */
function isTar(bytes: Uint8Array): boolean {
  if (bytes.length < 512) return false;
  const stated = String.fromCharCode(...bytes.subarray(148, 156));
  // The field of the checksum itself counts as blanks.
  const sum = bytes
    .subarray(0, 512)
    .reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  return /^[ 0-7]+[\0 ]*$/u.test(stated) && Number.parseInt(stated, 8) === sum;
}

/** A zip archive may stand behind anything; its directory is at the end, before a short comment. */
function endsAsZip(bytes: Uint8Array): boolean {
  const first = Math.max(0, bytes.length - 22 - 0xffff);
  for (let at = bytes.length - 22; at >= first; at--)
    if (bytes[at] === 0x50 && hexOf(bytes.subarray(at, at + 4)) === '504b0506') return true;
  return false;
}
