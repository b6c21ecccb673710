// Files that records point to, by digest. What is written goes through the redactor first, so the
// digest is that of the masked content; equal contents are kept once.

import { createHash } from 'node:crypto';
import type { AppendFile, Files } from '../ports/files.ts';
import { objectPath } from './bundle-paths.ts';
import { sha256Hex } from './canonical.ts';
import { concat } from './concat.ts';
import type { ObjectRef } from './record.ts';
import type { Redactor } from './redactor.ts';

export type ObjectContent = Uint8Array | string | AsyncIterable<Uint8Array>;

export type NewObject = {
  /** Logical, as a person would name it: `evidence/<check id>/<name>`. */
  readonly path: string;
  readonly mediaType: string;
  readonly content: ObjectContent;
};

export type ObjectStore = {
  /**
   * The object is whole under its name when it returns, and durable after the next `sync`. Content
   * beyond the store's limit is read to its end and cut, which a last line in the object says.
   */
  readonly put: (object: NewObject) => Promise<ObjectRef>;
  /**
   * Everything put so far is durable when it returns. Throws the WorldError of the disk, and then at
   * every later call too.
   */
  readonly sync: () => Promise<void>;
};

export type ObjectStoreOptions = {
  readonly files: Files;
  /** Of the bundle. */
  readonly root: string;
  readonly redactor: Redactor;
  /** Per object, the closing mark not counted. */
  readonly maxBytes?: number;
};

export const objectMaxBytes = 64 << 20;
/** Where objects lie until their digest is known. Leftovers of a crash are no evidence. */
export const incomingFolder = 'objects/incoming';

/** Files held open for the next sync. */
const unsyncedMax = 64;

const encoder = new TextEncoder();

export async function openObjectStore(options: ObjectStoreOptions): Promise<ObjectStore> {
  const { files, root } = options;
  await files.remove(`${root}/${incomingFolder}`);
  let incoming = 0;
  const { add, sync } = syncedTogether();
  const placed = new Set<string>();
  const place = async (bytes: Uint8Array, temporary: string): Promise<Written> => {
    const sha256 = sha256Hex(bytes);
    if (!placed.has(sha256))
      await add(await files.place(`${root}/${objectPath(sha256)}`, bytes, temporary));
    placed.add(sha256);
    return { sha256, bytes: bytes.length };
  };
  return {
    put: async ({ path, mediaType, content }) => {
      incoming += 1;
      const temporary = `${root}/${incomingFolder}/${String(incoming)}`;
      const written = isWhole(content)
        ? await place(maskWhole(content, options), temporary)
        : await writeStream(temporary, content, options);
      return { path, ...written, mediaType };
    },
    sync,
  };
}

type Written = { readonly sha256: string; readonly bytes: number };

/** Files of small objects are synced at once: the disk's own journal then makes them durable in one go. */
function syncedTogether() {
  let waiting: (() => Promise<void>)[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const sync = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    last = Promise.all([last, ...batch.map((each) => each())]);
    await last;
  };
  const add = async (syncOne: () => Promise<void>): Promise<void> => {
    waiting.push(syncOne);
    if (waiting.length >= unsyncedMax) await sync();
  };
  return { add, sync };
}

const isWhole = (content: ObjectContent): content is Uint8Array | string =>
  typeof content === 'string' || content instanceof Uint8Array;

function maskWhole(
  content: Uint8Array | string,
  { redactor, maxBytes = objectMaxBytes }: ObjectStoreOptions,
): Uint8Array {
  const mask = redactor.stream();
  const bytes = typeof content === 'string' ? encoder.encode(content) : content;
  const masked = concat([mask.push(bytes), mask.end()]);
  const dropped = masked.length - maxBytes;
  return dropped <= 0
    ? masked
    : concat([masked.subarray(0, maxBytes), encoder.encode(cutMark(maxBytes, dropped))]);
}

/** Durable when it returns. */
async function writeStream(
  temporary: string,
  content: AsyncIterable<Uint8Array>,
  options: ObjectStoreOptions,
): Promise<Written> {
  const { files, root } = options;
  await files.makeDirectory(`${root}/${incomingFolder}`);
  const written = await writeMasked(temporary, content, options);
  await keep(files, temporary, `${root}/${objectPath(written.sha256)}`);
  return written;
}

async function keep(files: Files, temporary: string, path: string): Promise<void> {
  await files.makeDirectory(path.slice(0, path.lastIndexOf('/')));
  // Over an equal one, if there is; that heals an object that was damaged since.
  await files.rename(temporary, path);
}

async function writeMasked(
  path: string,
  content: AsyncIterable<Uint8Array>,
  { files, redactor, maxBytes = objectMaxBytes }: ObjectStoreOptions,
): Promise<Written> {
  const file = await files.openAppend(path, { truncateTo: 0 });
  try {
    const output = boundedOutput(file, maxBytes);
    const mask = redactor.stream();
    for await (const chunk of content) await output.add(mask.push(chunk));
    await output.add(mask.end());
    const written = await output.end();
    await file.sync();
    return written;
  } finally {
    await file.close();
  }
}

function boundedOutput(file: AppendFile, maxBytes: number) {
  const hash = createHash('sha256');
  let bytes = 0;
  let dropped = 0;
  const write = async (part: Uint8Array): Promise<void> => {
    if (part.length === 0) return;
    hash.update(part);
    bytes += part.length;
    await file.append(part);
  };
  return {
    add: async (part: Uint8Array): Promise<void> => {
      const kept = part.subarray(0, Math.max(0, maxBytes - bytes));
      dropped += part.length - kept.length;
      await write(kept);
    },
    end: async (): Promise<Written> => {
      if (dropped > 0) await write(encoder.encode(cutMark(maxBytes, dropped)));
      return { sha256: hash.digest('hex'), bytes };
    },
  };
}

const cutMark = (maxBytes: number, dropped: number): string =>
  `\n[seatrial: cut after ${String(maxBytes)} bytes, ${String(dropped)} more dropped]\n`;

/** The bytes a record points to, or in one sentence why they are not its evidence. */
export async function readObject(
  files: Files,
  root: string,
  ref: ObjectRef,
): Promise<{ readonly bytes: Uint8Array } | { readonly fault: string }> {
  const path = `${root}/${objectPath(ref.sha256)}`;
  const stat = await files.stat(path);
  if (stat?.kind !== 'file') return { fault: `Object ${ref.path} is missing.` };
  if (stat.sizeBytes !== ref.bytes) return { fault: `Object ${ref.path} has another size.` };
  const bytes = await files.read(path);
  return sha256Hex(bytes) === ref.sha256
    ? { bytes }
    : { fault: `Object ${ref.path} has another content.` };
}
