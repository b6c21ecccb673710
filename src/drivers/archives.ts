import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import type { ArchiveMember, ArchiveReading, Archives } from '../ports/archives.ts';

type Limits = { readonly maxBytes: number; readonly maxMembers: number };
type Content = { readonly bytes: Uint8Array; readonly problem?: string };

const tooLarge = 'unpacks to more than the limit';

/** Opens tar, gzip and zip archives without touching the disk. Most runs meet none, so readers are loaded late. */
export const systemArchives: Archives = {
  read: async (format, bytes, limits) => {
    if (format === 'tar') return readTar(bytes, limits);
    if (format === 'zip') return readZip(bytes, limits);
    const content = await collect(Readable.from([bytes]).pipe(createGunzip()), limits.maxBytes);
    return { members: [{ path: 'content', ...content }] };
  },
};

async function readTar(bytes: Uint8Array, limits: Limits): Promise<ArchiveReading> {
  const { extract } = await import('tar-stream');
  const archive = extract();
  archive.end(bytes);
  return gather(archive, limits, async (entry, maxBytes) => ({
    path: entry.header.name,
    ...(await collect(entry, maxBytes)),
  }));
}

async function readZip(bytes: Uint8Array, limits: Limits): Promise<ArchiveReading> {
  const { fromBufferPromise } = await import('yauzl');
  let archive: ZipFile;
  try {
    // Names are only shown, so that odd ones need not make an archive unreadable.
    const options = { lazyEntries: true, decodeStrings: false };
    archive = await fromBufferPromise(Buffer.from(bytes), options);
  } catch (error) {
    return { members: [], problem: messageOf(error) };
  }
  return gather(archive.eachEntry(), limits, async (entry, maxBytes) => ({
    path: Buffer.from(entry.fileNameRaw).toString('utf8'),
    ...(await zipContent(archive, entry, maxBytes)),
  }));
}

async function zipContent(archive: ZipFile, entry: Entry, maxBytes: number): Promise<Content> {
  const nothing = new Uint8Array(0);
  if (entry.isEncrypted()) return { bytes: nothing, problem: 'is encrypted' };
  try {
    return await collect(await archive.openReadStreamPromise(entry), maxBytes);
  } catch (error) {
    return { bytes: nothing, problem: messageOf(error) };
  }
}

/** Reads member by member until the archive, its good part or a limit ends. */
async function gather<Each>(
  entries: AsyncIterable<Each>,
  { maxBytes, maxMembers }: Limits,
  read: (entry: Each, maxBytes: number) => Promise<ArchiveMember>,
): Promise<ArchiveReading> {
  const members: ArchiveMember[] = [];
  let left = maxBytes;
  try {
    for await (const entry of entries) {
      if (members.length === maxMembers) return { members, problem: 'has too many members' };
      const member = await read(entry, left);
      members.push(member);
      left -= member.bytes.length;
      if (member.problem === tooLarge) return { members, problem: tooLarge };
    }
  } catch (error) {
    return { members, problem: messageOf(error) };
  }
  return { members };
}

/** Never throws: what was read before a fault is worth looking at too. */
async function collect(content: AsyncIterable<unknown>, maxBytes: number): Promise<Content> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of content) {
      if (!(chunk instanceof Uint8Array)) continue;
      chunks.push(chunk.subarray(0, maxBytes - size));
      size += chunk.length;
      if (size > maxBytes) return { bytes: Buffer.concat(chunks), problem: tooLarge };
    }
  } catch (error) {
    return { bytes: Buffer.concat(chunks), problem: messageOf(error) };
  }
  return { bytes: Buffer.concat(chunks) };
}

const messageOf = (error: unknown): string =>
  `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
