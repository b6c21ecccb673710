// Which process holds a socket, by the kernel's own tables.

import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { isAlive, readStat } from './proc.ts';

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

/** Whether that process holds the connection over the loopback between two ports, at the end of the first. */
export function holdsConnection(
  pidFile: string,
  { from, to }: { readonly from: number; readonly to: number },
): boolean {
  const pid = pidIn(pidFile);
  if (pid === undefined) return false;
  const ends = [from, to].map((port) => portHex(port));
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((path) => (attempt(() => readFileSync(path, 'utf8')) ?? '').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', remote = '']) =>
      [local, remote].every((end, index) => end.endsWith(`:${ends[index] ?? ''}`)),
    )
    .map((fields) => `socket:[${fields[9] ?? ''}]`);
  return descriptorsOf(pid).some((target) => inodes.includes(target));
}

const portHex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

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
