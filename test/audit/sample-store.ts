// Bundles of the sample pack, written by the real journal writer. A run is a draft that a test may
// change before it is written.

import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { indexAudit, type Audit, type AuditIndex } from '../../src/audit/audit.ts';
import { openAuditPack } from '../../src/audit/open-pack.ts';
import { openStoreView, type StoreOptions } from '../../src/audit/open-store.ts';
import type { AuditPack, PlannedScenario } from '../../src/audit/pack.ts';
import { systemArchives } from '../../src/drivers/archives.ts';
import { systemFiles } from '../../src/drivers/files.ts';
import { openBundle } from '../../src/evidence/bundle.ts';
import { bundleRoot } from '../../src/evidence/bundle-paths.ts';
import { canonicalJson } from '../../src/evidence/canonical.ts';
import { headerDigest } from '../../src/evidence/journal-chain.ts';
import {
  journalFormat,
  type AskedRun,
  type Entry,
  type RecordData,
} from '../../src/evidence/record.ts';
import { listRun } from '../../src/evidence/runs-list.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Files } from '../../src/ports/files.ts';
import type { Locks } from '../../src/ports/locks.ts';
import { harness } from '../../src/cli/harness.ts';
import { noSecrets, steppingClock } from '../evidence/sample-run.ts';
import { packFiles } from './sample-pack.ts';
import { goodRun, type RunDraft } from './sample-run.ts';

const lock = (name: string) => ({
  name,
  lost: new Promise<void>(() => undefined),
  release: () => Promise.resolve(),
});
const freeLocks: Locks = {
  tryAcquire: (name) => Promise.resolve(lock(name)),
  acquire: (name) => Promise.resolve(lock(name)),
};

/** The lock of a run that still goes on cannot be had. */
export const heldLocks: Locks = { ...freeLocks, tryAcquire: () => Promise.resolve(undefined) };

/** Bundles of a test need not survive the machine: nothing waits for the disk. */
const hastyFiles: Files = {
  ...systemFiles,
  openAppend: async (path, options) => {
    const file = await systemFiles.openAppend(path, options);
    return { ...file, sync: () => Promise.resolve() };
  },
  replace: async (path, bytes) => {
    await writeFile(`${path}.new`, bytes);
    await rename(`${path}.new`, path);
  },
  place: async (path, bytes) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    return () => Promise.resolve();
  },
};

const storeId = 'store-1';
const at = '2026-01-02T00:00:00Z';

export type Sample = {
  readonly root: string;
  readonly packRoot: string;
  readonly storeRoot: string;
  readonly clock: Clock;
};

const packs = new WeakMap<Sample, AuditPack>();

/** Changes to the pack's files by path; undefined removes one. */
export type PackChanges = Readonly<Record<string, string | undefined>>;

export async function makeSample(changes: PackChanges = {}): Promise<Sample> {
  const root = await mkdtemp(join(tmpdir(), 'seatrial-test-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return makeSampleIn(root, changes);
}

export async function makeSampleIn(root: string, changes: PackChanges = {}): Promise<Sample> {
  const sample = {
    ...{ root, packRoot: join(root, 'pack'), storeRoot: join(root, 'store') },
    clock: steppingClock(),
  };
  await writePack(sample, { ...packFiles, ...changes });
  await mkdir(sample.storeRoot);
  const description = canonicalJson({ format: 'seatrial.store/v1', id: storeId });
  await writeFile(join(sample.storeRoot, 'store.json'), `${description}\n`);
  return sample;
}

export async function writePack(sample: Sample, changes: PackChanges): Promise<void> {
  const { packRoot } = sample;
  packs.delete(sample);
  for (const [path, text] of Object.entries(changes)) {
    const file = join(packRoot, path);
    if (text === undefined) await rm(file, { force: true });
    else {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  }
}

export const openPackReports = ({ packRoot }: Sample) =>
  openAuditPack(systemFiles, packRoot, {
    display: '',
    harness,
    toScript: (_path, text) => Promise.resolve({ code: text }),
  });

export async function openSamplePack(sample: Sample): Promise<AuditPack> {
  const { pack, reports } = await openPackReports(sample);
  const told = reports.flatMap(({ source, diagnostics }) =>
    diagnostics.map(({ code, message }) => `${source.path}: ${code} ${message}`),
  );
  if (pack === undefined) throw new Error(told.join('\n'));
  return pack;
}

export const openSampleStore = ({ storeRoot }: Sample, change: Partial<StoreOptions> = {}) =>
  openStoreView({
    ...{ files: systemFiles, locks: freeLocks, archives: systemArchives, root: storeRoot },
    ...change,
  });

export async function openSampleAudit(sample: Sample, change: Partial<Audit> = {}): Promise<Audit> {
  const [pack, view] = await Promise.all([openSamplePack(sample), openSampleStore(sample)]);
  return { pack, view, subject: 'reference', at, ...change };
}

export async function openSampleIndex(
  sample: Sample,
  change: Partial<Audit> = {},
): Promise<AuditIndex> {
  return indexAudit(await openSampleAudit(sample, change));
}

export type RunChange = {
  readonly canary?: string;
  readonly started?: Partial<RecordData['run.started']>;
  /** Changes what the run does and finds. */
  readonly draft?: (draft: RunDraft) => RunDraft;
  /** Changes the entries that come of it; their objects are written. */
  readonly entries?: (entries: readonly Entry[]) => readonly Entry[];
  /** The store's list does not learn of its end. */
  readonly endUnlisted?: boolean;
  /** What the list and the run say that was asked for, of a planned run of a manifest. */
  readonly asked?: AskedRun;
  /** What the list says alone. */
  readonly listedAs?: AskedRun;
};

/** Writes a run of a scenario, which passes unless changed, and lists it. */
export async function writeRun(
  sample: Sample,
  scenario: string,
  run: string,
  change: RunChange = {},
): Promise<void> {
  const { storeRoot, clock } = sample;
  const pack = await knownPack(sample);
  const header = { format: journalFormat, run, store: storeId } as const;
  const place = { files: hastyFiles, root: storeRoot, id: storeId };
  const listed = { ...place, clock, locks: freeLocks };
  const planned = pack.scenarios.get(scenario);
  if (planned === undefined) throw new Error(`the sample has no scenario ${scenario}`);
  const { listed: told, first } = toldOf(pack, planned, change);
  const entry = { run, app: 'demo', ...told };
  const head = headerDigest(header);
  await listRun(listed, { ...entry, state: 'started', head, lock: `demo-${run}` });
  const root = bundleRoot(storeRoot, run);
  const bundle = await openBundle({ files: hastyFiles, clock, root, header, redactor: noSecrets });
  const draft = goodRun(planned, pack.collectors ?? '');
  const changed = change.draft === undefined ? draft : change.draft(draft);
  const { canary } = change;
  const started = { ...first, ...change.started };
  const made = await changed.write(bundle, { header, canary, started });
  const entries = change.entries === undefined ? made : change.entries(made);
  for (const each of entries) await bundle.append(each);
  await bundle.close();
  if (change.endUnlisted === true) return;
  const state = bundle.state();
  await listRun(listed, { ...entry, state: 'ended', head: state.head, verdict: state.verdict });
}

type Told = {
  readonly listed: { readonly scenario: string; readonly asked?: AskedRun };
  readonly first: Partial<RecordData['run.started']>;
};

/** What the list and the first record say of a run, where a manifest is run. */
function toldOf(
  { reference = '' }: AuditPack,
  { id, application, plan }: PlannedScenario,
  change: RunChange,
): Told {
  if (application === undefined) return { listed: { scenario: id }, first: {} };
  const { life: scenario, from = 'git:1.0.0', collectors } = application;
  const asked = change.asked ?? application.asked;
  const subject = { name: 'reference', digest: reference, builds: [] };
  return {
    listed: { scenario, asked: change.listedAs ?? asked },
    first: {
      scenario,
      base: { origin: 'git', ref: from, digest: 'b'.repeat(64) },
      bound: { pack: 'demo', subject, plan, collectors, asked },
    },
  };
}

async function knownPack(sample: Sample): Promise<AuditPack> {
  const pack = packs.get(sample) ?? (await openSamplePack(sample));
  packs.set(sample, pack);
  return pack;
}

/** Every run that makes both rows complete: the scenarios, and a red run for each check. */
export async function writeCompleteStore(sample: Sample): Promise<void> {
  await writeMutants(sample);
  await writeRun(sample, 'rebuild', 'run-rebuild');
  await writeRun(sample, 'refuse', 'run-refuse');
}

const mutants: readonly (readonly [string, string, string])[] = [
  ['rebuild', 'rebuild.lose-marker', 'demo.rebuild.marker-kept'],
  ['rebuild', 'rebuild.copy-version', 'demo.rebuild.version-probed'],
  ['refuse', 'refuse.delete-first', 'demo.refuse.keeps-old'],
];

export async function writeMutants(sample: Sample): Promise<void> {
  for (const [scenario, canary, check] of mutants)
    await writeRun(sample, scenario, `mutant-${canary}`, {
      canary,
      draft: (draft) => draft.fail(check),
    });
}

/** For the cleanup gate: each fixture's undo was seen missing. */
export async function writeUndoMutants(sample: Sample): Promise<void> {
  const fixtures = [
    ...['old-image', 'staged', 'endpoint', 'patched', 'mutation'].map((id) => ['rebuild', id]),
    ['refuse', 'kept'],
  ];
  for (const [scenario = '', id = ''] of fixtures)
    await writeRun(sample, scenario, `mutant-undo-${id}`, {
      canary: `undo-skipped:${id}`,
      draft: (draft) => draft.verdict(`fixture.${id}.restored`, 'failed'),
    });
}
