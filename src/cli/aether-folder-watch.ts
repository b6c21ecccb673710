// Notices which entries of folders change, and tells of them in batches: saving one file is several
// events, and reading a file between them would judge half of it.

import * as fs from 'node:fs';
import { fileError } from '../drivers/file-error.ts';

/** An entry of a watched folder that may have changed; without a name, any of them. */
export type Stir<Key> = { readonly key: Key; readonly entry: Buffer | undefined };

export type FolderWatch<Key> = {
  /** `key` comes back with what happens in the folder. A folder that is gone already is no error. */
  readonly add: (path: string | Buffer, key: Key) => void;
  /** Forgets the folders whose key fits. */
  readonly drop: (fits: (key: Key) => boolean) => void;
  readonly close: () => void;
};

const quietMs = 5;
/** A file that is written to all the time must not put the answer off forever. */
const patienceMs = 100;

/** `onTrouble` is told when the system cannot watch any more, such as for want of inotify watches. */
export function watchFolders<Key>(
  onStirs: (stirs: readonly Stir<Key>[]) => void,
  onTrouble: (error: Error) => void,
): FolderWatch<Key> {
  const watchers = new Map<fs.FSWatcher, Key>();
  const gather = makeGathering(onStirs);
  return {
    add: (path, key) => {
      const watcher = open(path, onTrouble);
      if (watcher === undefined) return;
      watchers.set(watcher, key);
      watcher.on('change', (_, entry) => {
        gather.add({ key, entry: Buffer.isBuffer(entry) ? entry : undefined });
      });
      // Linux reports the end of a watched folder so; its parent tells of it too.
      watcher.on('error', () => {
        gather.add({ key, entry: undefined });
      });
    },
    drop: (fits) => {
      for (const [watcher, key] of watchers) {
        if (!fits(key)) continue;
        watcher.close();
        watchers.delete(watcher);
      }
    },
    close: () => {
      gather.close();
      for (const watcher of watchers.keys()) watcher.close();
      watchers.clear();
    },
  };
}

function open(path: string | Buffer, onTrouble: (error: Error) => void): fs.FSWatcher | undefined {
  try {
    return fs.watch(path, { encoding: 'buffer', persistent: true });
  } catch (error) {
    const trouble = fileError(error, `watch ${path.toString()}`);
    if (trouble.code !== 'not-found') onTrouble(trouble);
    return undefined;
  }
}

function makeGathering<Key>(onStirs: (stirs: readonly Stir<Key>[]) => void): {
  readonly add: (stir: Stir<Key>) => void;
  readonly close: () => void;
} {
  let stirs: Stir<Key>[] = [];
  let timer: NodeJS.Timeout | undefined;
  let latest = 0;
  const tell = (): void => {
    timer = undefined;
    const told = stirs;
    stirs = [];
    onStirs(told);
  };
  return {
    add: (stir) => {
      const now = performance.now();
      if (timer === undefined) latest = now + patienceMs;
      clearTimeout(timer);
      stirs.push(stir);
      timer = setTimeout(tell, Math.max(0, Math.min(quietMs, latest - now)));
    },
    close: () => {
      clearTimeout(timer);
    },
  };
}
