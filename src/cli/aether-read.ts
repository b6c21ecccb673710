// One workflow file from disk or from standard input, never more of it than the limit.

import * as fs from 'node:fs';
import { notAFile, refusalOf, type Found, type ReadBytes, type Refusal } from './aether-paths.ts';

const { O_RDONLY, O_NONBLOCK, O_NOCTTY, O_NOFOLLOW } = fs.constants;
// A pipe must not hold the command up, nor may a terminal take charge of it.
const openFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
const chunkBytes = 64 * 1024;

/** Synchronous: about three times as fast for small files as asking the thread pool for each. */
export function readFound(found: Found, maxBytes: number): ReadBytes {
  if (found.read !== undefined) return found.read;
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(found.path, found.isGiven ? openFlags : openFlags | O_NOFOLLOW);
    const stat = fs.fstatSync(descriptor);
    if (!stat.isFile()) return { refusal: { code: 'E_IO_KIND', message: notAFile } };
    if (stat.size > maxBytes) return { refusal: tooLarge(String(stat.size), maxBytes) };
    return joined(chunksOf(descriptor, stat.size), maxBytes);
  } catch (error) {
    return { refusal: refusalOf(error, 'read') };
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

function tooLarge(size: string, maxBytes: number): Refusal {
  const message = `the file has ${size} bytes; the limit is ${String(maxBytes)}`;
  return { code: 'E_LIMIT', message };
}

/** One read for a file that has the size it is said to have; files of the kernel say 0 and have more. */
function* chunksOf(descriptor: number, size: number): Generator<Uint8Array> {
  for (;;) {
    const chunk = Buffer.allocUnsafe(size === 0 ? chunkBytes : size + 1);
    const count = fs.readSync(descriptor, chunk);
    if (count > 0) yield chunk.subarray(0, count);
    if (count === 0 || (size > 0 && count < chunk.length)) return;
  }
}

function joined(chunks: Iterable<Uint8Array>, maxBytes: number): ReadBytes {
  const kept: Uint8Array[] = [];
  let length = 0;
  for (const chunk of chunks) {
    length += chunk.length;
    if (length > maxBytes) return { refusal: tooLarge(`more than ${String(maxBytes)}`, maxBytes) };
    kept.push(chunk);
  }
  const [only] = kept;
  return { bytes: kept.length === 1 && only !== undefined ? only : Buffer.concat(kept) };
}

/** `stream` is standard input; what is beyond the limit is not waited for. */
export async function readStream(
  stream: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<ReadBytes> {
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    kept.push(chunk);
    length += chunk.length;
    if (length > maxBytes) break;
  }
  return joined(kept, maxBytes);
}
