// Many small files, placed whole under their names now and made durable together later.

import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { errnoOf, fileError } from './file-error.ts';

const dataSync = promisify(fs.fdatasync);
const sync = promisify(fs.fsync);
const write = promisify(fs.write);

/** Up to here, handing a write to another thread takes longer than the write into the kernel's memory. */
const inlineMaxBytes = 1 << 18;

/**
 * Writes `temporary` and renames it to `path`; makes the folders of both where they are absent. Durable
 * only when the function it answers with has returned, which is to be called once.
 */
export async function placeFile(
  path: string,
  bytes: Uint8Array,
  temporary: string,
): Promise<() => Promise<void>> {
  let descriptor: number | undefined;
  try {
    descriptor = inFolder(temporary, () => fs.openSync(temporary, 'w'));
    await writeAll(descriptor, bytes);
    inFolder(path, () => {
      fs.renameSync(temporary, path);
    });
  } catch (error) {
    if (descriptor !== undefined) fs.closeSync(descriptor);
    fs.rmSync(temporary, { force: true });
    throw fileError(error, `write ${path}`);
  }
  return syncOnce(descriptor, path);
}

function syncOnce(descriptor: number, path: string): () => Promise<void> {
  return async () => {
    try {
      try {
        await dataSync(descriptor);
      } finally {
        fs.closeSync(descriptor);
      }
      await syncFolder(dirname(path));
    } catch (error) {
      throw fileError(error, `sync ${path}`);
    }
  };
}

async function writeAll(descriptor: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;)
    // A full disk may take a part; the next call then says so.
    done +=
      bytes.length > inlineMaxBytes
        ? (await write(descriptor, bytes, done)).bytesWritten
        : fs.writeSync(descriptor, bytes, done);
}

function inFolder<Value>(path: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    fs.mkdirSync(dirname(path), { recursive: true });
    return work();
  }
}

/** Makes names in a folder durable. Some file systems cannot and say EINVAL; theirs are as durable as can be. */
export async function syncFolder(path: string): Promise<void> {
  const descriptor = fs.openSync(path, 'r');
  try {
    await sync(descriptor);
  } catch (error) {
    if (errnoOf(error) !== 'EINVAL') throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}
