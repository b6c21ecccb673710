// What a store shows, read anew.

import type { Archives } from '../ports/archives.ts';
import type { Files } from '../ports/files.ts';
import type { Locks } from '../ports/locks.ts';
import { together } from '../ports/together.ts';
import { bundleRoot } from '../evidence/bundle-paths.ts';
import { readRunsList, type RunsListLine } from '../evidence/runs-list.ts';
import type { AttestationVerifier } from '../evidence/verify-finding.ts';
import { summariseBundle } from './summarise.ts';
import type { BundleSummary } from './summary.ts';
import { listedRuns, type StoreView } from './view.ts';

export type StoreOptions = {
  readonly files: Files;
  readonly locks: Locks;
  readonly archives: Archives;
  /** Absolute; it need not exist. */
  readonly root: string;
  readonly verifyAttestation?: (run: string) => AttestationVerifier;
  /** A summary made before, if it can be trusted to be of what lies there now. */
  readonly remembered?: Remembered;
};

export type Remembered = {
  readonly find: (bundle: string, head: string) => Promise<BundleSummary | undefined>;
  readonly keep: (bundle: string, summary: BundleSummary) => Promise<void>;
};

const storeMaxBytes = 4096;
/** A list is a file like any other: what it names must be a folder of the store. */
const runName = /^[A-Za-z0-9][\w.-]{0,200}$/;

export async function openStoreView(options: StoreOptions): Promise<StoreView> {
  const { files, root, locks } = options;
  const id = await storeId(files, root);
  if (id === undefined) return nothing;
  const { lines, faults, head } = await readRunsList({ files, root, id });
  const ends = new Map(lines.flatMap((line) => (line.state === 'ended' ? [[line.run, line]] : [])));
  const runs = listedRuns(lines);
  const read = await together(runs, async ({ run }) => readBundle(options, id, run, ends.get(run)));
  const alive = await aliveRuns(locks, lines, ends);
  return {
    runs,
    bundles: new Map(read.flatMap((each) => (each === undefined ? [] : [[each.run, each]]))),
    alive,
    listFaults: [...faults.map(({ message }) => message), ...statedTwice(lines)],
    listHead: head,
  };
}

const nothing: StoreView = {
  ...{ runs: [], bundles: new Map(), alive: new Set(), listFaults: [], listHead: '' },
};

async function storeId(files: Files, root: string): Promise<string | undefined> {
  const path = `${root}/store.json`;
  if ((await files.stat(path)) === undefined) return undefined;
  try {
    const value = JSON.parse(await files.readText(path, storeMaxBytes)) as { id?: unknown } | null;
    return typeof value?.id === 'string' ? value.id : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function readBundle(
  options: StoreOptions,
  store: string,
  run: string,
  end: RunsListLine | undefined,
): Promise<BundleSummary | undefined> {
  const root = bundleRoot(options.root, run);
  const there = runName.test(run) && (await options.files.stat(root))?.kind === 'directory';
  if (!there) return undefined;
  const place = { root, run, store };
  // One that has not ended grows: nothing is kept of it.
  return end === undefined || options.remembered === undefined
    ? summarise(options, place, end?.head)
    : rememberOr(options.remembered, place, end.head, (head) => summarise(options, place, head));
}

type Place = { readonly root: string; readonly run: string; readonly store: string };

async function rememberOr(
  { find, keep }: Remembered,
  { root, run }: Place,
  head: string,
  make: (head: string) => Promise<BundleSummary>,
): Promise<BundleSummary> {
  const known = await find(root, head);
  if (known?.run === run) return known;
  const summary = await make(head);
  await keep(root, summary);
  return summary;
}

const summarise = (
  { files, archives, verifyAttestation }: StoreOptions,
  place: Place,
  head: string | undefined,
): Promise<BundleSummary> =>
  summariseBundle({
    ...{ files, archives, ...place },
    ...(head === undefined ? {} : { head }),
    ...(verifyAttestation === undefined ? {} : { verifyAttestation: verifyAttestation(place.run) }),
  });

/** A run without an end whose lock cannot be had still goes on. */
async function aliveRuns(
  locks: Locks,
  lines: readonly RunsListLine[],
  ends: ReadonlyMap<string, RunsListLine>,
): Promise<ReadonlySet<string>> {
  const alive = new Set<string>();
  for (const { run, state, lock } of lines) {
    if (state !== 'started' || ends.has(run) || lock === undefined) continue;
    const held = await locks.tryAcquire(lock);
    if (held === undefined) alive.add(run);
    else await held.release();
  }
  return alive;
}

function statedTwice(lines: readonly RunsListLine[]): readonly string[] {
  const stated = new Set<string>();
  return lines.flatMap(({ run, state, seq }) => {
    const key = `${state} ${run}`;
    if (stated.size !== stated.add(key).size) return [];
    return [`Line ${String(seq)} says for a second time that ${run} ${state}.`];
  });
}
