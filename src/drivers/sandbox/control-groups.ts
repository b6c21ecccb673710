// Limits for all processes of a sandbox together. Both versions of control groups are understood; where
// none may be made, the caller falls back to limits of each process.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from '../file-error.ts';
import { sandboxLimits } from './limits.ts';

export type ControlGroups = {
  /** Paths of `cgroup.procs`: a process that writes its id there is held, and all that it starts. */
  readonly entrances: readonly string[];
  /** Waits until the last process is gone. What stays is removed by the next sandbox. */
  readonly remove: () => Promise<void>;
};

const prefix = 'seatrial-sandbox-';
const periodUs = 100_000;
const removeAttempts = 50;

/** Undefined where this user may not make groups with all of the limits. */
export function makeControlGroups(
  mount: string,
  owner: { readonly pid: number; readonly sequence: number },
): ControlGroups | undefined {
  const name = `${prefix}${String(owner.pid)}-${String(owner.sequence)}`;
  const made: string[] = [];
  try {
    for (const { parent, settings } of hierarchies(mount)) {
      sweep(parent);
      const folder = join(parent, name);
      mkdirSync(folder);
      made.push(folder);
      writeSettings(folder, settings);
    }
  } catch (error) {
    made.forEach(tryRemove);
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
  if (made.length === 0) return undefined;
  return {
    entrances: made.map((folder) => join(folder, 'cgroup.procs')),
    remove: () => removeAll(made),
  };
}

function writeSettings(folder: string, settings: readonly Setting[]): void {
  for (const { file, value, optional = false } of settings)
    if (!optional || existsSync(join(folder, file)))
      writeFileSync(join(folder, file), String(value));
}

type Setting = {
  readonly file: string;
  readonly value: number | string;
  readonly optional?: boolean;
};
type Hierarchy = { readonly parent: string; readonly settings: readonly Setting[] };

function hierarchies(mount: string): readonly Hierarchy[] {
  const { memoryBytes, processes, processors } = sandboxLimits;
  const quotaUs = processors * periodUs;
  if (existsSync(join(mount, 'cgroup.controllers'))) {
    const given = readFileSync(join(mount, 'cgroup.subtree_control'), 'utf8').trim().split(' ');
    if (!['memory', 'pids', 'cpu'].every((each) => given.includes(each))) return [];
    const settings: Setting[] = [
      { file: 'memory.max', value: memoryBytes },
      { file: 'memory.swap.max', value: 0, optional: true },
      { file: 'pids.max', value: processes },
      { file: 'cpu.max', value: `${String(quotaUs)} ${String(periodUs)}` },
    ];
    return [{ parent: mount, settings }];
  }
  const memory: Setting[] = [
    { file: 'memory.limit_in_bytes', value: memoryBytes },
    { file: 'memory.memsw.limit_in_bytes', value: memoryBytes, optional: true },
  ];
  const cpu: Setting[] = [
    { file: 'cpu.cfs_period_us', value: periodUs },
    { file: 'cpu.cfs_quota_us', value: quotaUs },
  ];
  const first: Hierarchy[] = [
    { parent: join(mount, 'memory'), settings: memory },
    { parent: join(mount, 'pids'), settings: [{ file: 'pids.max', value: processes }] },
    { parent: join(mount, 'cpu'), settings: cpu },
  ];
  return first.every(({ parent }) => existsSync(parent)) ? first : [];
}

/** Groups of harnesses that died. One that is in use cannot be removed, whatever its name says. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(prefix) ? name.slice(prefix.length).split('-')[0] : undefined;
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) tryRemove(join(parent, name));
  }
}

function tryRemove(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return errno === 'ENOENT';
  }
}

async function removeAll(folders: readonly string[]): Promise<void> {
  for (const folder of folders)
    for (let attempt = 0; attempt < removeAttempts && !tryRemove(folder); attempt += 1)
      await sleep(20);
}
