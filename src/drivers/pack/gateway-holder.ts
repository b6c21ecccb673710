import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { isAlive, readStat } from '../process/proc.ts';

const attempt = <Value>(read: () => Value): Value | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

/** Whether the process that a pid file names holds the listening socket at a path. */
export function holdsSocket(pidFile: string, socket: string): boolean {
  const pid = pidIn(pidFile);
  if (pid === undefined) return false;
  const table = attempt(() => readFileSync('/proc/net/unix', 'utf8')) ?? '';
  const inodes = table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[7] === socket)
    .map((fields) => `socket:[${fields[6] ?? ''}]`);
  return descriptorsOf(pid).some((target) => inodes.includes(target));
}

/** The number itself, or `{"pid": …}`. */
function pidIn(path: string): number | undefined {
  const text = attempt(() => readFileSync(path, 'utf8'))?.trim() ?? '';
  const pid = Number(/\d{1,10}/.exec(text)?.[0]);
  return Number.isInteger(pid) && pid > 1 && isAlive(readStat(pid)) ? pid : undefined;
}

function descriptorsOf(pid: number): readonly string[] {
  const folder = `/proc/${String(pid)}/fd`;
  const names = attempt(() => readdirSync(folder)) ?? [];
  return names.flatMap((name) => attempt(() => readlinkSync(`${folder}/${name}`)) ?? []);
}
