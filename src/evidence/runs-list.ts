// `runs.jsonl`: every run a store ever held, hash-linked, so that deleting a red run is noticed and
// cannot revive an older green one. Cutting off the tail of the list is caught by whoever noted its
// head, as sign-offs do.

import type { Clock } from '../ports/clock.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import type { Locks } from '../ports/locks.ts';
import type { Store } from './store.ts';
import { bundleRoot, runsFolder } from './bundle-paths.ts';
import { canonicalJson, sha256Hex } from './canonical.ts';
import { headerDigest } from './journal-chain.ts';
import { journalFormat, type AskedRun } from './record.ts';
import { isAskedRun } from './record-shape.ts';
import type { Verdict } from './verdict.ts';

export const runsListFormat = 'seatrial.runs/v1';

/** What is said of a run at its start and at its end. */
export type RunsListEntry = {
  readonly run: string;
  readonly app: string;
  readonly scenario: string;
  readonly state: 'started' | 'ended';
  /** Chain head of the run's journal at that moment. */
  readonly head: string;
  /** Of ended runs. */
  readonly verdict?: Verdict;
  /** Of started runs: the lock that they hold as long as they live. */
  readonly lock?: string;
  /** Of started runs by a manifest of a pack: one that was killed at once is still known to be of it. */
  readonly asked?: AskedRun;
};

export type RunsListLine = RunsListEntry & {
  readonly seq: number;
  readonly at: string;
  readonly prev: string;
};

export type RunsListReading = {
  readonly lines: readonly RunsListLine[];
  /** Digest of the last line; of the list's header when there is none. */
  readonly head: string;
  readonly goodBytes: number;
  /** Bytes of a torn last write. */
  readonly tornBytes: number;
  /** One for each line that is not one or does not link to the line before it. */
  readonly faults: readonly { readonly line: number; readonly message: string }[];
};

export type RunsListFinding = {
  readonly code: 'list-broken' | 'list-cut' | 'listed-twice' | 'no-bundle' | 'unlisted-bundle';
  readonly run?: string;
  readonly line?: number;
  readonly message: string;
};

const lockWaitMs = 30_000;
const lineMaxBytes = 1 << 16;

export const runsListPath = (root: string): string => `${root}/runs.jsonl`;

/** Durable when it returns. Other processes may do the same at the same time. */
export async function listRun(
  store: Store & { readonly clock: Clock; readonly locks: Locks },
  entry: RunsListEntry,
): Promise<RunsListLine> {
  const { files, root, id, clock, locks } = store;
  const name = `store-${sha256Hex(id).slice(0, 16)}`;
  const lock = await locks.acquire(name, { waitMs: lockWaitMs });
  try {
    await files.makeDirectory(root);
    const before = await readRunsList(store);
    const seq = before.lines.length + before.faults.length + 1;
    const line = { ...entry, seq, at: clock.now().toISOString(), prev: before.head };
    const file = await files.openAppend(runsListPath(root), { truncateTo: before.goodBytes });
    try {
      await file.append(new TextEncoder().encode(`${canonicalJson(line)}\n`));
      await file.sync();
    } finally {
      await file.close();
    }
    return line;
  } finally {
    await lock.release();
  }
}

/** The whole list; an absent one is empty. Broken lines are faults and do not end the reading. */
export async function readRunsList({ files, root, id }: Store): Promise<RunsListReading> {
  const header = sha256Hex(canonicalJson({ format: runsListFormat, store: id }));
  const nothing = { lines: [], head: header, goodBytes: 0, tornBytes: 0, faults: [] };
  if ((await files.stat(runsListPath(root))) === undefined) return nothing;
  const bytes = await files.read(runsListPath(root));
  const lines: RunsListLine[] = [];
  const faults: RunsListReading['faults'][number][] = [];
  let [head, from] = [header, 0];
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
    const raw = bytes.subarray(from, end);
    const seq = lines.length + faults.length + 1;
    const line = parseLine(raw, seq, head);
    if (typeof line === 'string')
      faults.push({ line: seq, message: `Line ${String(seq)} ${line}.` });
    else lines.push(line);
    head = sha256Hex(raw);
    from = end + 1;
  }
  return { lines, head, goodBytes: from, tornBytes: bytes.length - from, faults };
}

/**
 * What is wrong with a store's list and with what lies beside it. `knownHeads` are heads noted
 * elsewhere, which the list must still lead through.
 */
export async function verifyRunsList(
  store: Store,
  knownHeads: readonly string[] = [],
): Promise<{ readonly reading: RunsListReading; readonly findings: readonly RunsListFinding[] }> {
  const reading = await readRunsList(store);
  const present = await bundlesIn(store);
  const listed = new Set(reading.lines.map(({ run }) => run));
  const findings: readonly RunsListFinding[] = [
    ...reading.faults.map(({ line, message }) => ({ code: 'list-broken' as const, line, message })),
    ...missingHeads(reading, knownHeads),
    ...statedTwice(reading.lines),
    ...[...listed]
      .filter((run) => !present.has(run) && !neverBegan(store, reading.lines, run))
      .map((run) => ({
        code: 'no-bundle' as const,
        run,
        message: `The bundle of ${run} is gone.`,
      })),
    ...[...present]
      .filter((run) => !listed.has(run))
      .map((run) => ({
        code: 'unlisted-bundle' as const,
        run,
        message: `The bundle of ${run} is not in the store's list.`,
      })),
  ];
  return { reading, findings };
}

/** Ended with the head that a journal has before its first record: there is no bundle to miss. */
function neverBegan({ id }: Store, lines: readonly RunsListLine[], run: string): boolean {
  const ended = lines.find((line) => line.run === run && line.state === 'ended');
  return ended?.head === headerDigest({ format: journalFormat, run, store: id });
}

async function bundlesIn({ files, root }: Store): Promise<ReadonlySet<string>> {
  if ((await files.stat(runsFolder(root))) === undefined) return new Set();
  const runs = new Set<string>();
  for (const { name, kind } of await files.list(runsFolder(root)))
    if (kind === 'directory' && (await files.stat(`${bundleRoot(root, name)}/journal.jsonl`)))
      runs.add(name);
  return runs;
}

function missingHeads(
  { lines, head }: RunsListReading,
  knownHeads: readonly string[],
): readonly RunsListFinding[] {
  const passed = new Set([head, ...lines.map(({ prev }) => prev)]);
  return knownHeads
    .filter((known) => !passed.has(known))
    .map((known) => ({
      code: 'list-cut' as const,
      message: `The list does not lead through ${known}, which was its head once.`,
    }));
}

function statedTwice(lines: readonly RunsListLine[]): readonly RunsListFinding[] {
  const stated = new Set<string>();
  return lines.flatMap(({ run, state, seq }) => {
    const again = stated.has(`${state} ${run}`);
    stated.add(`${state} ${run}`);
    const message = `The list says for a second time that ${run} ${state}.`;
    return again ? [{ code: 'listed-twice' as const, run, line: seq, message }] : [];
  });
}

function parseLine(raw: Uint8Array, seq: number, prev: string): RunsListLine | string {
  const value = raw.length > lineMaxBytes ? undefined : parseObject(raw);
  if (value === undefined) return 'is not canonical JSON';
  const { run, app, scenario, state, head, at } = value;
  const texts = [run, app, scenario, head, at];
  if (texts.some((text) => typeof text !== 'string')) return 'does not describe a run';
  if (state !== 'started' && state !== 'ended') return 'has no valid state';
  if (value['asked'] !== undefined && !isAskedRun(value['asked'])) return 'does not describe a run';
  if (value['seq'] !== seq) return `has number ${JSON.stringify(value['seq'])}`;
  if (value['prev'] !== prev) return 'does not link to the line before it';
  return value as unknown as RunsListLine;
}

function parseObject(raw: Uint8Array): JsonObject | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
    const value = JSON.parse(text) as Json;
    const fine = typeof value === 'object' && value !== null && !Array.isArray(value);
    return fine && canonicalJson(value) === text ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
