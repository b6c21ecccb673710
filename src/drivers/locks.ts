// Kernel locks, held by `flock --no-fork … cat` that reads a pipe from us: however this process dies, the
// pipe ends, the helper with it, and the kernel frees the lock. Pid files and ages decide nothing.

import { spawn, type ChildProcess } from 'node:child_process';
import { constants, type Stats } from 'node:fs';
import { access, chmod, lstat, mkdir, open, type FileHandle } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';

import type { Lock, Locks } from '../ports/locks.ts';
import { WorldError } from '../ports/world-error.ts';
import { errnoOf, fileError } from './file-error.ts';

export type LockSettings = {
  /** Instead of the shared folder; created if absent. */
  readonly folder?: string;
  /** Used where `/run/lock/seatrial` cannot be made. */
  readonly runtimeFolder?: string | undefined;
  /** Where `flock` and `cat` are found. */
  readonly searchPath: string;
};

const sharedFolder = '/run/lock/seatrial';
const busyExitCode = 75;
const namePattern = /^[a-z0-9][a-z0-9._-]{0,120}$/;
const waitMessageMs = 30_000;
/** How often somebody may replace the lock file under us before we call it an attack. */
const replacementsMax = 20;

/** Refuses a folder in which another user could swap files; another user's is merely not ours to use. */
function refuseUnsafeFolder(folder: string, stat: Stats, own: number): void {
  const openToOthers = (stat.mode & 0o022) !== 0;
  const sticky = (stat.mode & 0o1000) !== 0;
  if (!stat.isDirectory() || (openToOthers && !sticky))
    throw new WorldError('refused', `${folder} is not a safe folder for locks.`, {
      hint: 'It must be a folder, not a link, and sticky if others may write to it.',
    });
  if (stat.uid !== 0 && stat.uid !== own)
    throw new WorldError('permission', `${folder} belongs to another user.`);
}

async function ensureFolder(folder: string, mode: number): Promise<string> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const stat = await lstat(folder);
    const own = process.getuid?.() ?? 0;
    refuseUnsafeFolder(folder, stat, own);
    // The mode given to mkdir is cut by the umask, and parents must not get it.
    if (stat.uid === own && (stat.mode & 0o7777) !== mode) await chmod(folder, mode);
    await access(folder, constants.W_OK | constants.X_OK);
    return folder;
  } catch (error) {
    throw fileError(error, `make ${folder}`);
  }
}

async function chooseFolder({ folder, runtimeFolder }: LockSettings): Promise<string> {
  if (folder !== undefined) return ensureFolder(folder, 0o700);
  try {
    return await ensureFolder(sharedFolder, 0o1777);
  } catch (error) {
    if (runtimeFolder === undefined || (error instanceof WorldError && error.code === 'refused'))
      throw error;
    return ensureFolder(join(runtimeFolder, 'seatrial'), 0o700);
  }
}

/** Opens without following a link, so that nobody can make us lock or create a file elsewhere. */
async function openLockFile(path: string): Promise<FileHandle> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW;
  try {
    return await open(path, flags);
  } catch (error) {
    if (errnoOf(error) === 'ELOOP')
      throw new WorldError('refused', `The lock file ${path} is a link.`, { cause: error });
    if (errnoOf(error) !== 'ENOENT') throw fileError(error, `open ${path}`);
  }
  try {
    // Made apart from opening: the kernel may refuse to create over another user's file in a sticky folder.
    const handle = await open(path, flags | constants.O_CREAT | constants.O_EXCL, 0o666);
    await handle.chmod(0o666);
    return handle;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return openLockFile(path);
    throw fileError(error, `make ${path}`);
  }
}

async function isSameFile(handle: FileHandle, path: string): Promise<boolean> {
  const [held, named] = await Promise.all([handle.stat(), lstat(path).catch(() => undefined)]);
  return held.isFile() && named?.ino === held.ino && named.dev === held.dev;
}

/** Runs the helper on the open file; undefined when another process holds the lock in the end. */
async function holdFile(
  handle: FileHandle,
  settings: LockSettings,
  { waitMs, signal }: { readonly waitMs: number; readonly signal?: AbortSignal | undefined },
): Promise<ChildProcess | undefined> {
  const wait = waitMs > 0 ? ['--timeout', (waitMs / 1000).toFixed(3)] : ['--nonblock'];
  const argv = ['--no-fork', ...wait, '--conflict-exit-code', String(busyExitCode)];
  // Descriptor 3 is the file that was opened and looked at, whatever its path names by now.
  const helper = spawn('flock', [...argv, '/proc/self/fd/3', 'cat'], {
    // Out of the terminal's group: Ctrl-C must not free the lock before the cleanup.
    detached: true,
    cwd: '/',
    env: { PATH: settings.searchPath },
    stdio: ['pipe', 'pipe', 'ignore', handle.fd],
  });
  helper.stdin?.on('error', () => undefined);
  helper.stdin?.write('\n');
  const onAbort = (): void => {
    helper.kill('SIGKILL');
  };
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      helper.once('error', (error) => {
        reject(
          new WorldError('unavailable', `Cannot run flock: ${error.message}.`, {
            hint: 'Install util-linux.',
            cause: error,
          }),
        );
      });
      // The helper echoes our line only when it has the lock.
      helper.stdout?.once('data', () => {
        resolve(helper);
      });
      helper.once('exit', (code) => {
        if (code === busyExitCode) resolve(undefined);
        else if (signal?.aborted === true)
          reject(new WorldError('cancelled', 'Stopped waiting for a lock.'));
        else reject(new WorldError('unavailable', `flock ended with ${String(code)}.`));
      });
    });
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

function makeLock(name: string, helper: ChildProcess): Lock {
  let wanted = true;
  const gone = new Promise<void>((resolve) => {
    if (helper.exitCode !== null || helper.signalCode !== null) resolve();
    else helper.once('exit', resolve);
  });
  const lost = new Promise<void>((resolve) => {
    void gone.then(() => {
      if (wanted) resolve();
    });
  });
  helper.unref();
  // The kinds of stream are sockets, which the declared types do not say.
  for (const stream of [helper.stdin, helper.stdout]) if (stream instanceof Socket) stream.unref();
  return {
    name,
    lost,
    release: async () => {
      wanted = false;
      // Waited for below, so the event loop has to live until then.
      helper.ref();
      helper.stdin?.end();
      await gone;
    },
  };
}

type Attempt = { readonly waitMs: number; readonly signal?: AbortSignal | undefined };

async function take(
  settings: LockSettings,
  folder: string,
  name: string,
  attempt: Attempt,
): Promise<Lock | undefined> {
  const path = join(folder, `${name}.lock`);
  const end = performance.now() + attempt.waitMs;
  for (let tries = 0; tries < replacementsMax; tries += 1) {
    const handle = await openLockFile(path);
    try {
      const waitMs = attempt.waitMs > 0 ? Math.max(1, end - performance.now()) : 0;
      const helper = await holdFile(handle, settings, { waitMs, signal: attempt.signal });
      if (helper === undefined) return undefined;
      const lock = makeLock(name, helper);
      if (await isSameFile(handle, path)) return lock;
      // Somebody replaced the file: others will lock the new one.
      await lock.release();
    } finally {
      await handle.close();
    }
  }
  throw new WorldError('refused', `The lock file ${path} is replaced all the time.`);
}

function checkName(name: string): void {
  if (!namePattern.test(name)) throw new WorldError('refused', `Not a name of a lock: ${name}.`);
}

/** Locks of this host, below `/run/lock/seatrial` unless told otherwise. Throws `unavailable` without flock. */
export function makeLocks(settings: LockSettings): Locks {
  let folder: Promise<string> | undefined;
  const ready = (): Promise<string> => {
    folder ??= chooseFolder(settings);
    return folder;
  };
  return {
    tryAcquire: async (name) => {
      checkName(name);
      return take(settings, await ready(), name, { waitMs: 0 });
    },
    acquire: async (name, { waitMs, signal, onWait }) => {
      checkName(name);
      const started = performance.now();
      const timer = setInterval(() => {
        onWait?.(performance.now() - started);
      }, waitMessageMs);
      try {
        const lock = await take(settings, await ready(), name, {
          waitMs: Math.max(1, waitMs),
          signal,
        });
        if (lock !== undefined) return lock;
      } finally {
        clearInterval(timer);
      }
      throw new WorldError('resource-busy', `The lock ${name} is held by another process.`);
    },
  };
}
