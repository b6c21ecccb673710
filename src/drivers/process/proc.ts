// Readers of /proc. A process may vanish between any two calls: then the answer is undefined or shorter.

import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { sep } from 'node:path';

export type ProcessStat = {
  readonly pid: number;
  readonly name: string;
  /** One letter of proc(5). */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Device number of the controlling terminal, 0 when there is none. */
  readonly terminal: number;
  /** Clock ticks after boot. With the pid it names a process for the whole uptime. */
  readonly startTime: number;
};

type ListeningSocket = {
  readonly address: string;
  readonly port: number;
  readonly inode: string;
  /** Processes that hold the socket, as far as this user may see them. */
  readonly pids: readonly number[];
};

type Mount = { readonly path: string; readonly type: string; readonly source: string };

const attempt = <Value>(read: () => Value): Value | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

const readBytes = (pid: number, name: string): Buffer | undefined =>
  attempt(() => readFileSync(`/proc/${String(pid)}/${name}`));

export const splitNul = (bytes: Buffer | undefined): string[] | undefined =>
  bytes?.toString('utf8').replace(/\0$/, '').split('\0');

export function parseStat(text: string): ProcessStat | undefined {
  // The name may hold spaces and brackets: what follows counts from the last closing bracket.
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = text.slice(close + 2).split(' ');
  const number = (index: number): number => Number(fields[index]);
  return {
    pid: Number.parseInt(text, 10),
    name: text.slice(open + 1, close),
    state: fields[0] ?? '?',
    parent: number(1),
    group: number(2),
    session: number(3),
    terminal: number(4),
    startTime: number(19),
  };
}

export function readStat(pid: number): ProcessStat | undefined {
  const text = readBytes(pid, 'stat')?.toString('utf8');
  return text === undefined ? undefined : parseStat(text);
}

/** A zombie is dead although signals can be sent to it. */
export const isAlive = (stat: ProcessStat | undefined): stat is ProcessStat =>
  stat !== undefined && !['Z', 'X', 'x'].includes(stat.state);

/** Whether the very process that started at `startTime` lives; another one with its pid does not count. */
export function isRunning(pid: number, startTime: number): boolean {
  const stat = readStat(pid);
  return isAlive(stat) && stat.startTime === startTime;
}

/** Arguments as the process was started with them; empty for kernel threads and zombies. */
export const readCommandLine = (pid: number): readonly string[] | undefined => {
  const bytes = readBytes(pid, 'cmdline');
  return bytes?.length === 0 ? [] : splitNul(bytes);
};

/** The environment it was started with; undefined when absent or another user's. */
export function readEnvironment(pid: number): Readonly<Record<string, string>> | undefined {
  const bytes = readBytes(pid, 'environ');
  return bytes === undefined ? undefined : parseEnvironment(bytes);
}

export function parseEnvironment(bytes: Buffer | undefined): Readonly<Record<string, string>> {
  const pairs = (splitNul(bytes) ?? [])
    .filter((entry) => entry.includes('='))
    .map((entry): [string, string] => {
      const at = entry.indexOf('=');
      return [entry.slice(0, at), entry.slice(at + 1)];
    });
  return Object.fromEntries(pairs);
}

const readLink = (pid: number, name: string): string | undefined =>
  attempt(() => readlinkSync(`/proc/${String(pid)}/${name}`));

/** Ends with ` (deleted)` when the folder is gone. */
export const readWorkingDirectory = (pid: number): string | undefined => readLink(pid, 'cwd');

/** Ends with ` (deleted)` when the file is gone. */
export const readExecutable = (pid: number): string | undefined => readLink(pid, 'exe');

/** One line for people: the arguments, or the name in brackets. */
export function describeProcess(pid: number): string {
  const line = (readCommandLine(pid) ?? []).join(' ').replaceAll('\n', ' ').slice(0, 300);
  return line.length > 0 ? line : `[${readStat(pid)?.name ?? 'gone'}]`;
}

export const listPids = (): number[] =>
  (attempt(() => readdirSync('/proc')) ?? []).filter((name) => /^\d+$/.test(name)).map(Number);

/** All processes of this moment; not a snapshot, so a parent may be missing. */
export const listProcesses = (): readonly ProcessStat[] =>
  listPids()
    .map(readStat)
    .filter((stat) => stat !== undefined);

/** Children and their children of `roots`, without the roots. Zombies are walked through, not listed. */
export function descendantsOf(
  roots: readonly number[],
  processes: readonly ProcessStat[] = listProcesses(),
): readonly ProcessStat[] {
  const children = new Map<number, ProcessStat[]>();
  for (const stat of processes)
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), stat]);
  const seen = new Set(roots);
  const queue = [...roots];
  const found: ProcessStat[] = [];
  for (let next = queue.pop(); next !== undefined; next = queue.pop())
    for (const child of children.get(next) ?? []) {
      if (seen.has(child.pid)) continue;
      seen.add(child.pid);
      queue.push(child.pid);
      if (isAlive(child)) found.push(child);
    }
  return found;
}

/** Children of one process. */
export const childrenOf = (pid: number): readonly ProcessStat[] =>
  listProcesses().filter((stat) => stat.parent === pid && isAlive(stat));

/** Little-endian words of hex, as the kernel prints addresses. */
function parseAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  );
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  // The URL parser knows the canonical short form.
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

/** Rows of /proc/net/tcp or tcp6 in state LISTEN. */
export function parseListening(table: string): readonly Omit<ListeningSocket, 'pids'>[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A')
    .map((fields) => {
      const [address = '', port = ''] = (fields[1] ?? '').split(':');
      return {
        address: parseAddress(address),
        port: Number.parseInt(port, 16),
        inode: fields[9] ?? '',
      };
    });
}

function holdersOf(inodes: ReadonlySet<string>): ReadonlyMap<string, number[]> {
  const holders = new Map<string, number[]>();
  for (const pid of listPids()) {
    const folder = `/proc/${String(pid)}/fd`;
    const held = new Set(
      (attempt(() => readdirSync(folder)) ?? []).map(
        (fd) =>
          /^socket:\[(\d+)\]$/.exec(attempt(() => readlinkSync(`${folder}/${fd}`)) ?? '')?.[1],
      ),
    );
    for (const inode of held)
      if (inode !== undefined && inodes.has(inode))
        holders.set(inode, [...(holders.get(inode) ?? []), pid]);
  }
  return holders;
}

/** Listening TCP sockets of this network namespace, of the given ports or all. */
export function listeningSockets(ports?: readonly number[]): readonly ListeningSocket[] {
  const sockets = ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((path) => parseListening(attempt(() => readFileSync(path, 'utf8')) ?? ''))
    .filter(({ port }) => ports === undefined || ports.includes(port));
  if (sockets.length === 0) return [];
  const holders = holdersOf(new Set(sockets.map(({ inode }) => inode)));
  return sockets.map((socket) => ({ ...socket, pids: holders.get(socket.inode) ?? [] }));
}

/** Changes with every boot; undefined where the kernel does not say. */
export const bootId = (): string | undefined =>
  attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());

export const isBelow = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

const unescapeMount = (field: string): string =>
  field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );

/** Mounts at or below a folder, deepest last. */
export function mountsBelow(folder: string): readonly Mount[] {
  // Latin-1 keeps the bytes of names; they become UTF-8 again after the octal escapes are undone.
  const text = attempt(() => readFileSync('/proc/self/mounts', 'latin1')) ?? '';
  return text
    .split('\n')
    .map((line) =>
      line.split(' ').map((field) => Buffer.from(unescapeMount(field), 'latin1').toString('utf8')),
    )
    .map(([source = '', path = '', type = '']) => ({ path, type, source }))
    .filter(({ path }) => path !== '' && isBelow(path, folder))
    .sort((a, b) => a.path.length - b.path.length);
}
