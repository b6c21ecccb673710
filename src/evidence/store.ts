import type { Files } from '../ports/files.ts';
import type { Ids } from '../ports/ids.ts';
import type { Locks } from '../ports/locks.ts';
import { canonicalJson, sha256Hex } from './canonical.ts';

/** `root` is the store's folder, `id` what its runs name it by; it stays when the folder is moved. */
export type Store = { readonly files: Files; readonly root: string; readonly id: string };

export const storeFormat = 'seatrial.store/v1';

const lockWaitMs = 30_000;

/**
 * The store in an absolute folder, which is made if absent. Throws a SyntaxError when its
 * `store.json` is not one.
 */
export async function openStore(options: {
  readonly files: Files;
  readonly ids: Ids;
  readonly locks: Locks;
  readonly root: string;
}): Promise<Store> {
  const { files, ids, locks, root } = options;
  const path = `${root}/store.json`;
  if ((await files.stat(path)) === undefined) {
    const name = `store-${sha256Hex(root).slice(0, 16)}`;
    const lock = await locks.acquire(name, { waitMs: lockWaitMs });
    try {
      await files.makeDirectory(root);
      const made = { format: storeFormat, id: ids.nonce(16) };
      // Another process may have made it while this one waited.
      if ((await files.stat(path)) === undefined)
        await files.replace(path, `${canonicalJson(made)}\n`);
    } finally {
      await lock.release();
    }
  }
  return { files, root, id: storeId(await files.readText(path, 4096), path) };
}

function storeId(text: string, path: string): string {
  const value = JSON.parse(text) as { format?: unknown; id?: unknown } | null;
  if (value?.format !== storeFormat || typeof value.id !== 'string')
    throw new SyntaxError(`${path} does not describe a store`);
  return value.id;
}
