// What was appended to a log since the last look: through rotation, through a copy that was cut, and
// never a byte twice.

import { concat } from '../evidence/concat.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import type { LogFiles, LogPart } from '../ports/log-files.ts';
import type { FollowedPart } from './watch-sample.ts';

export type Followed = {
  readonly parts: readonly FollowedPart[];
  readonly lines: readonly string[];
  readonly lost: boolean;
  readonly behind: boolean;
  /** Lines longer than any record. */
  readonly overlong: number;
};

export type FollowOptions = {
  readonly logs: LogFiles;
  readonly path: string;
  /** Of the last look; undefined at the first, which begins at the end of what is there. */
  readonly before: readonly FollowedPart[] | undefined;
  /** Of files beyond this size the length of the last line is told. */
  readonly tailAbove?: number | undefined;
};

const headBytes = 64;
const lineMaxBytes = 64 * 1024;
const readMaxBytes = 4 * 1024 * 1024;
const linesMax = 2000;
const newline = 10;
const attempts = 5;

/** Tries again when the log is rotated in the middle of the look; `behind` if that never ends. */
export async function followLog(options: FollowOptions): Promise<Followed> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const followed = await followOnce(options);
    if (followed !== undefined) return followed;
  }
  const parts = options.before ?? [];
  return { parts, lines: [], lost: false, behind: true, overlong: 0 };
}

type Reading = { readonly lines: string[]; bytes: number; overlong: number; behind: boolean };
/** A file of the log as it is now, and from where it is to be read. */
type Found = { readonly part: LogPart; readonly head: Uint8Array; offset: number };

async function followOnce(options: FollowOptions): Promise<Followed | undefined> {
  const { logs, path, before } = options;
  const found: Found[] = [];
  for (const part of await logs.parts(path)) {
    const head = await logs.read(path, part, { from: 0, to: Math.min(headBytes, part.sizeBytes) });
    if (head === undefined) return undefined;
    found.push({ part, head, offset: before === undefined ? part.sizeBytes : 0 });
  }
  const lost = before === undefined ? false : takeUp(found, before);
  const reading: Reading = { lines: [], bytes: 0, overlong: 0, behind: false };
  const parts: FollowedPart[] = [];
  for (const each of found) {
    const offset = await readOn(options, each, reading);
    const last = await lastLine(options, each);
    if (offset === undefined || last === undefined) return undefined;
    const { name, device, inode, sizeBytes: bytes } = each.part;
    const head = { bytes: each.head.length, sha256: sha256Hex(each.head) };
    parts.push({ name, device, inode, bytes, offset, head, ...last });
  }
  const { lines, overlong, behind } = reading;
  return { parts, lines, overlong, behind, lost };
}

/** Gives every file its offset. True when something that had not been read is gone. */
function takeUp(found: readonly Found[], before: readonly FollowedPart[]): boolean {
  const own = before.at(-1);
  let lost = false;
  for (const known of before) {
    const same = found.find((each) => isSame(each, known));
    // A copy is cut only after it was made, and the copy holds what the log held.
    const kept = same ?? found.find((each) => isCopy(each, known));
    if (kept !== undefined) kept.offset = Math.max(kept.offset, known.offset);
    // Older files end where they were read to; only the newest can have got more lines since.
    else if (known === own || known.offset < known.bytes) lost = true;
  }
  return lost;
}

const isSame = ({ part, head }: Found, known: FollowedPart): boolean =>
  part.device === known.device && part.inode === known.inode && begins(head, part, known);

const isCopy = ({ part, head }: Found, known: FollowedPart): boolean =>
  known.head.bytes > 0 && part.inode !== known.inode && begins(head, part, known);

const begins = (head: Uint8Array, part: LogPart, known: FollowedPart): boolean =>
  part.sizeBytes >= known.offset &&
  head.length >= known.head.bytes &&
  sha256Hex(head.subarray(0, known.head.bytes)) === known.head.sha256;

/** Whole lines from the offset on, as many as fit into a look; the new offset. */
async function readOn(
  { logs, path }: FollowOptions,
  { part, offset }: Found,
  reading: Reading,
): Promise<number | undefined> {
  let [at, carried] = [offset, new Uint8Array()];
  while (at + carried.length < part.sizeBytes) {
    if (reading.lines.length >= linesMax || reading.bytes >= readMaxBytes) {
      reading.behind = true;
      return at;
    }
    const from = at + carried.length;
    const range = { from, to: Math.min(part.sizeBytes, from + lineMaxBytes) };
    const bytes = await logs.read(path, part, range);
    if (bytes === undefined) return undefined;
    if (bytes.length === 0) return at;
    reading.bytes += bytes.length;
    const piece = concat([carried, bytes]);
    const end = piece.lastIndexOf(newline) + 1;
    addLines(reading, piece.subarray(0, end));
    at += end;
    carried = piece.slice(end);
    if (carried.length <= lineMaxBytes) continue;
    reading.overlong += 1;
    at += carried.length;
    carried = new Uint8Array();
  }
  return at;
}

function addLines(reading: Reading, bytes: Uint8Array): void {
  const lines = new TextDecoder().decode(bytes).split('\n');
  for (const line of lines) if (line.trim() !== '') reading.lines.push(line);
}

async function lastLine(
  { logs, path, tailAbove }: FollowOptions,
  { part }: Found,
): Promise<{ readonly last?: number } | undefined> {
  const { sizeBytes: to } = part;
  if (tailAbove === undefined || to <= tailAbove) return {};
  const tail = await logs.read(path, part, { from: Math.max(0, to - lineMaxBytes), to });
  if (tail === undefined) return undefined;
  const whole = tail.subarray(0, tail.lastIndexOf(newline) + 1);
  return { last: whole.length - (whole.subarray(0, -1).lastIndexOf(newline) + 1) };
}
