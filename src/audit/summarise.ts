// From a bundle's folder to its summary: everything is read again, and nothing that can be worked out
// is believed.

import type { Archives } from '../ports/archives.ts';
import type { Files } from '../ports/files.ts';
import { scanArchive } from '../evidence/archive-scan.ts';
import { readBundle, type BundleReading } from '../evidence/bundle-reading.ts';
import { journalFormat, type JournalRecord } from '../evidence/record.ts';
import type { CheckState, RunState } from '../evidence/run-state.ts';
import { scanShapes } from '../evidence/secret-scan.ts';
import { verifyBundle } from '../evidence/verify.ts';
import type { AttestationVerifier } from '../evidence/verify-finding.ts';
import { judgeStored } from './judge-stored.ts';
import { readObservations } from './read-observations.ts';
import {
  summaryVersion,
  type BundleSummary,
  type CheckSummary,
  type Fault,
  type FixtureSummary,
  type OperationSummary,
  type Started,
} from './summary.ts';

export type SummaryOptions = {
  readonly files: Files;
  readonly archives: Archives;
  /** Of the bundle. */
  readonly root: string;
  readonly run: string;
  /** Id of the store that the run must be of. */
  readonly store: string;
  /** Chain head that the store's list has for the run's end. */
  readonly head?: string;
  readonly verifyAttestation?: AttestationVerifier;
};

/** The bundle's folder must exist. */
export async function summariseBundle(options: SummaryOptions): Promise<BundleSummary> {
  const { files, root, run, store, head, verifyAttestation } = options;
  const walk = recordWalk();
  const reading = await readBundle(files, root);
  const { findings, state } = await verifyBundle({
    ...{ files, root, reading, visit: walk.visit },
    header: { format: journalFormat, run, store },
    ...(head === undefined ? {} : { head }),
    ...(verifyAttestation === undefined ? {} : { verifyAttestation }),
  });
  const faults = findings
    .filter(({ severity }) => severity === 'error')
    .map(({ file, code, seq, message }): Fault => ({
      ...{ file, code, message },
      ...(seq === undefined ? {} : { seq }),
    }));
  return {
    ...{ version: summaryVersion, run, faults },
    secrets: await plantedSecrets(reading, options.archives),
    signed: !findings.some(({ code }) => code === 'unsigned' || code === 'unchecked'),
    ...(state === undefined
      ? {
          ...nothing,
          previewOnly: await looksLikePlan(options),
          ...(await foreignFormat(reading)),
        }
      : { previewOnly: false, ...(await summaryOf(state, walk, reading)) }),
  };
}

const nothing = {
  ...{ head: '', operations: {}, checks: {}, fixtures: {}, undos: [], left: [] },
  ...{ observations: [], records: 0 },
};

/** A plan has no journal: whatever else lies in the folder, nothing was done. */
async function looksLikePlan({ files, root }: SummaryOptions): Promise<boolean> {
  const names = (await files.list(root)).map(({ name }) => name);
  return names.length > 0 && !names.includes('journal.jsonl');
}

/** The format that a first line names, when it is another than the one that can be read. */
async function foreignFormat({
  listing,
  stream,
}: BundleReading): Promise<Pick<BundleSummary, 'foreignFormat'>> {
  const journal = listing.find(({ path }) => path === 'journal.jsonl');
  if (journal?.kind !== 'file') return {};
  for await (const chunk of stream(journal.path)) {
    const end = chunk.indexOf(10);
    if (end === -1) return {};
    const format = formatIn(new TextDecoder().decode(chunk.subarray(0, end)));
    return format === undefined || format === journalFormat ? {} : { foreignFormat: format };
  }
  return {};
}

function formatIn(line: string): string | undefined {
  try {
    const value = JSON.parse(line) as { data?: { format?: unknown } | null } | null;
    const format = value?.data?.format;
    return typeof format === 'string' ? format : undefined;
  } catch {
    return undefined;
  }
}

type Walk = ReturnType<typeof recordWalk>;

/** What the fold does not keep: where things stand among the records. */
function recordWalk() {
  const fixtures: Record<string, FixtureSummary> = {};
  const operations: Record<string, { started?: number; ended?: number; effects: number }> = {};
  const intended = new Map<string, number>();
  let running: string | undefined;
  const visit = (record: JournalRecord): void => {
    const { type, data, seq } = record;
    if (type === 'operation.started') {
      operations[data.operation] = { started: seq, effects: 0 };
      running = data.operation;
    } else if (type === 'operation.ended') {
      operations[data.operation] = { effects: 0, ...operations[data.operation], ended: seq };
      running = undefined;
    } else if (type === 'fixture.applied' || type === 'fixture.restored') {
      const step = type === 'fixture.applied' ? 'applied' : 'restored';
      fixtures[data.fixture] = {
        ...fixtures[data.fixture],
        [step]: { seq, details: data.details },
      };
    } else if (type === 'resource.intended') intended.set(`${data.kind} ${data.name}`, seq);
    const operation = running === undefined ? undefined : operations[running];
    if (operation !== undefined && effects.has(type)) operation.effects += 1;
  };
  return { fixtures, operations, intended, visit };
}

const effects: ReadonlySet<JournalRecord['type']> = new Set([
  ...(['resource.created', 'resource.removed', 'resource.intended', 'observation'] as const),
  ...(['undo.registered', 'undo.ended', 'note'] as const),
]);

async function summaryOf(state: RunState, walk: Walk, reading: BundleReading) {
  const checks: Record<string, CheckSummary> = {};
  for (const check of state.checks) checks[check.id] = await checkOf(check, reading);
  const unmet = state.notes.find(({ code }) => code === 'environment-unmet');
  return {
    head: state.head,
    records: state.records,
    started: startedOf(state),
    ...endedOf(state),
    ...(unmet === undefined
      ? {}
      : { environmentUnmet: { seq: unmet.seq, message: unmet.message } }),
    operations: Object.fromEntries(
      state.operations.map(({ name, outcome }) => [name, operationOf(outcome, walk, name)]),
    ),
    checks,
    fixtures: walk.fixtures,
    undos: state.undos.map(({ undo, target, outcome }) => ({ undo, target, outcome })),
    left: state.resources
      .filter((resource) => resource.state !== 'removed')
      .map(({ kind, name }) => ({ kind, name, seq: walk.intended.get(`${kind} ${name}`) ?? 0 })),
    observations: await readObservations(state, reading),
  };
}

function endedOf({ ended, endedAt }: RunState): Pick<BundleSummary, 'ended'> {
  if (ended === undefined || endedAt === undefined) return {};
  const { outcome, cause } = ended;
  return { ended: { at: endedAt, outcome, ...(cause === undefined ? {} : { cause }) } };
}

function startedOf({ started, startedAt }: RunState): Started {
  const { format, scenario, selection, planDigest, canary, bound } = started;
  return {
    ...{ format, scenario, selection, planDigest, at: startedAt },
    fake: started.driver.fake,
    toolVersion: started.tool.version,
    expected: started.expected.map(({ id }) => id).sort(),
    skips: Object.fromEntries(
      started.expected.flatMap(({ id, skip }) => (skip === undefined ? [] : [[id, skip.kind]])),
    ),
    ...('ref' in started.base ? { base: started.base.ref } : {}),
    ...(canary === undefined ? {} : { canary }),
    ...(bound === undefined ? {} : { bound }),
  };
}

function operationOf(outcome: string, { operations }: Walk, name: string): OperationSummary {
  const seen = operations[name];
  return {
    outcome,
    effects: seen?.effects ?? 0,
    ...(seen?.started === undefined ? {} : { startedSeq: seen.started }),
    ...(seen?.ended === undefined ? {} : { endedSeq: seen.ended }),
  };
}

async function checkOf(check: CheckState, reading: BundleReading): Promise<CheckSummary> {
  const { verdict, message, after, boundary, touched, evidence, seq } = check;
  const judged = await judgeStored(check, reading);
  return {
    ...{ verdict, message, after, boundary, touched, evidence },
    ...(seq === undefined ? {} : { seq }),
    ...(judged === undefined ? {} : { judged }),
  };
}

/** By their shape, since their values are forgotten; inside archives too. */
async function plantedSecrets(
  { listing, read, stream }: BundleReading,
  archives: Archives,
): Promise<BundleSummary['secrets']> {
  const found: { file: string; form: string }[] = [];
  for (const { path, kind, sizeBytes } of listing) {
    if (kind !== 'file') continue;
    const isObject = path.startsWith('objects/');
    if (isObject && sizeBytes <= archiveMaxBytes) {
      const bytes = await read(path);
      const { hits } = await scanArchive(path, bytes, { archives, scan: scanShapes });
      found.push(...hits.map(({ path: file, form }) => ({ file, form })));
    } else found.push(...(await streamed(stream(path), path)));
  }
  return found;
}

const archiveMaxBytes = 64 * 1024 * 1024;

async function streamed(chunks: ReturnType<BundleReading['stream']>, file: string) {
  const scan = scanShapes();
  for await (const chunk of chunks) scan.push(chunk);
  return scan.end().map(({ form }) => ({ file, form }));
}
