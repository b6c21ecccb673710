// Volumes as tar archives: listed, read, written. Sizes of folders and links are 0 in an archive.

import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { extract, pack, type Headers, type Pack } from 'tar-stream';

import type { FileKind, Listing, ListingEntry } from '../../ports/files.ts';
import { WorldError } from '../../ports/world-error.ts';

const entriesMax = 1_000_000;

export type Member = { readonly header: Headers; readonly content: Readable };

/** Members below `root`, named relative to it; `.` is the root itself. */
export async function* membersBelow(archive: Readable, root: string): AsyncGenerator<Member> {
  const reading = extract();
  archive.on('error', (error: Error) => {
    reading.destroy(error);
  });
  archive.pipe(reading);
  let count = 0;
  for await (const entry of reading) {
    count += 1;
    if (count > entriesMax) throw new WorldError('limit', 'the volume holds too many files');
    const { header } = entry;
    const name = relative(header.name, root);
    if (name === undefined) {
      entry.resume();
      continue;
    }
    const linked = header.type === 'link' ? relative(header.linkname ?? '', root) : header.linkname;
    yield {
      header: { ...header, name, ...(linked == null ? {} : { linkname: linked }) },
      content: entry,
    };
  }
}

function relative(name: string, root: string): string | undefined {
  const clean = name.replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '');
  if (clean === root) return '.';
  return clean.startsWith(`${root}/`) ? clean.slice(root.length + 1) : undefined;
}

const kinds: Readonly<Record<string, FileKind>> = {
  file: 'file',
  'contiguous-file': 'file',
  link: 'file',
  directory: 'directory',
  symlink: 'symlink',
};

/** Reads an archive to its end. */
export async function listArchive(members: AsyncIterable<Member>): Promise<Listing> {
  const entries = new Map<string, ListingEntry>();
  for await (const { header, content } of members) {
    const { name: path, type, linkname } = header;
    const entry = entryOf(header, await digestOf(content));
    // Another name of a file that came before: the archive does not repeat its content.
    const first = type === 'link' ? entries.get(linkname ?? '') : undefined;
    entries.set(path, first === undefined ? entry : { ...first, path });
  }
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function digestOf(content: AsyncIterable<unknown>) {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of content) {
    hash.update(chunk as Buffer);
    sizeBytes += (chunk as Buffer).length;
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}

function entryOf(
  { name: path, type, linkname, mode = 0, uid = 0, gid = 0 }: Headers,
  { sha256, sizeBytes }: { readonly sha256: string; readonly sizeBytes: number },
): ListingEntry {
  const kind = kinds[type ?? 'file'] ?? 'other';
  return {
    ...{ path, kind, sizeBytes, mode: mode & 0o7777, uid, gid },
    ...(kind === 'file' ? { sha256 } : {}),
    ...(kind === 'symlink' ? { target: linkname ?? '' } : {}),
  };
}

/** Copies one member to an archive under another name. */
export async function packMember(
  to: Pack,
  header: Headers,
  content: AsyncIterable<Uint8Array> | undefined,
): Promise<void> {
  // Times are kept to the second; the rest of PAX is written anew by the packer.
  const { name, mode, uid, gid, size, mtime, type, linkname, devmajor, devminor } = header;
  const clean = compactHeader({
    ...{ name, mode, uid, gid, size, mtime, type, linkname, devmajor, devminor },
  });
  await new Promise<void>((resolve, reject) => {
    const done = (error?: Error | null): void => {
      if (error == null) resolve();
      else reject(error);
    };
    if (content === undefined || (size ?? 0) === 0) {
      to.entry({ ...clean, size: 0 }, '', done);
      return;
    }
    const sink = to.entry(clean, done);
    pour(content, sink).catch(reject);
  });
}

const compactHeader = (header: {
  [Key in keyof Headers]: Headers[Key] | undefined;
}): Headers =>
  Object.fromEntries(
    Object.entries(header).filter(([, value]) => value !== undefined && value !== null),
  ) as unknown as Headers;

async function pour(
  content: AsyncIterable<Uint8Array>,
  sink: ReturnType<Pack['entry']>,
): Promise<void> {
  for await (const chunk of content)
    if (!sink.write(chunk)) await new Promise((resolve) => sink.once('drain', resolve));
  sink.end();
}

/** An archive with one file and the folders above it that are asked for. */
export async function archiveOfFile(
  root: string,
  { path, bytes, folders }: { path: string; bytes: Uint8Array; folders: readonly string[] },
): Promise<Pack> {
  const archive = pack();
  const mtime = new Date(0);
  const make = async (): Promise<void> => {
    for (const folder of folders)
      await packMember(
        archive,
        { name: `${root}/${folder}/`, type: 'directory', mode: 0o755, mtime },
        undefined,
      );
    const header: Headers = { name: `${root}/${path}`, mode: 0o600, size: bytes.length, mtime };
    await packMember(archive, header, [bytes] as unknown as AsyncIterable<Uint8Array>);
    archive.finalize();
  };
  // The packer waits for its reader: whoever sends it sees the failure.
  make().catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return Promise.resolve(archive);
}
