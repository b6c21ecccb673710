// The journal's part of a verification: chain, one end for one start, and whether `result.json` is
// what the journal gives.

import type { BundleReading } from './bundle-reading.ts';
import { sha256Hex } from './canonical.ts';
import { makeFold, type Fold } from './fold.ts';
import { walkJournal, type JournalEnd } from './journal-reader.ts';
import { journalRules } from './journal-rules.ts';
import type { JournalRecord, ObjectRef } from './record.ts';
import { renderResult } from './result.ts';
import type { RunState } from './run-state.ts';
import { wrong, type Finding, type VerifyOptions } from './verify-finding.ts';

export type JournalWalk = {
  readonly findings: readonly Finding[];
  readonly state?: RunState;
  /** By digest, the objects that records point to, and the first record that does. */
  readonly objects: ReadonlyMap<string, { readonly ref: ObjectRef; readonly seq: number }>;
};

/** The claims of a `result.json` about which part of the journal it is made of. */
type Stated = { readonly sha256: string; readonly records?: number; readonly chainHead?: string };

const file = 'journal.jsonl';
/** The first thousand tell enough of a journal that breaks rules a million times. */
const findingsMax = 1000;

export async function walkBundleJournal(
  { header, head, visit }: VerifyOptions,
  { listing, stream }: BundleReading,
  result: Uint8Array | undefined,
): Promise<JournalWalk> {
  if (!listing.some(({ path, kind }) => path === file && kind === 'file'))
    return {
      objects: new Map(),
      findings: [wrong(file, 'journal-missing', 'There is no journal.')],
    };
  const stated = statedBy(result);
  const pass = journalPass(stated, visit);
  const end = await walkJournal(stream(file), pass.visit, header);
  const state = pass.count() === 0 ? undefined : pass.fold.state(end.head);
  const findings = [
    ...pass.findings,
    ...endFindings(end, state),
    ...(head === undefined || head === end.head
      ? []
      : [wrong(file, 'head-differs', 'Its head is not the one that was noted at its end.')]),
    ...(state === undefined
      ? []
      : [...planFindings(state), ...resultFindings(stated, pass.rendered(), state)]),
  ];
  return { findings, objects: pass.objects, ...(state === undefined ? {} : { state }) };
}

function journalPass(stated: Stated | undefined, also: VerifyOptions['visit']) {
  const findings: Finding[] = [];
  const objects = new Map<string, { ref: ObjectRef; seq: number }>();
  const rules = journalRules();
  const fold: Fold = makeFold();
  let count = 0;
  let rendered: string | undefined;
  const report = (code: string, message: string, seq: number): void => {
    if (findings.length < findingsMax) findings.push(wrong(file, code, message, seq));
  };
  const visit = (record: JournalRecord, head: string): void => {
    count += 1;
    const { seq } = record;
    const broken = rules.admit(record);
    if (broken !== undefined) report('rule-broken', `Record ${String(seq)}: ${broken}.`, seq);
    fold.add(record);
    also?.(record);
    for (const ref of refsOf(record)) {
      const first = objects.get(ref.sha256);
      if (first === undefined) objects.set(ref.sha256, { ref, seq });
      else if (first.ref.bytes !== ref.bytes)
        report('object-size', `Record ${String(seq)} states another size of one object.`, seq);
    }
    if (seq === stated?.records) rendered = renderResult(fold.state(head));
  };
  return { findings, objects, fold, visit, count: () => count, rendered: () => rendered };
}

function refsOf(record: JournalRecord): readonly ObjectRef[] {
  if (record.type === 'run.started') return [record.data.plan];
  if (record.type === 'observation') return [record.data.object];
  return record.type === 'check.ended' ? record.data.evidence : [];
}

function endFindings({ fault, tornBytes }: JournalEnd, state: RunState | undefined): Finding[] {
  if (fault !== undefined) return [wrong(file, 'chain-broken', fault.message, fault.seq)];
  if (state === undefined) return [wrong(file, 'journal-empty', 'The journal holds no record.')];
  if (tornBytes === 0) return [];
  const message = `The last ${String(tornBytes)} bytes are a torn write.`;
  // After its last record a journal is never written to.
  return state.ended === undefined
    ? [{ ...wrong(file, 'torn-line', message), severity: 'warning' }]
    : [wrong(file, 'trailing-bytes', message)];
}

function planFindings({ started }: RunState): Finding[] {
  const message = 'The plan is not the one whose digest the run states.';
  return started.plan.sha256 === started.planDigest ? [] : [wrong(file, 'plan-digest', message, 1)];
}

const statedLines = /^ {2}"chainHead": "([0-9a-f]{64})",\n {2}"records": (\d{1,15}),$/m;

function statedBy(result: Uint8Array | undefined): Stated | undefined {
  if (result === undefined) return undefined;
  // Of the bytes, since decoding makes equal texts of different ones.
  const sha256 = sha256Hex(result);
  const text = new TextDecoder().decode(result);
  // As it is written, these two come long before most of it; whoever wrote it otherwise is found out by the digest.
  const [, head, count] = statedLines.exec(text) ?? [];
  if (head !== undefined && count !== undefined)
    return { sha256, chainHead: head, records: Number(count) };
  try {
    const value = JSON.parse(text) as { records?: unknown; chainHead?: unknown } | null;
    const { records, chainHead } = value ?? {};
    return {
      sha256,
      ...(typeof records === 'number' ? { records } : {}),
      ...(typeof chainHead === 'string' ? { chainHead } : {}),
    };
  } catch {
    return { sha256 };
  }
}

/** Of a run that goes on, or was killed, `result.json` may be that of an earlier record. */
function resultFindings(
  stated: Stated | undefined,
  rendered: string | undefined,
  state: RunState,
): readonly Finding[] {
  const named = 'result.json';
  if (stated === undefined) return [wrong(named, 'result-missing', 'There is no result.json.')];
  if (rendered !== undefined && sha256Hex(rendered) === stated.sha256) {
    const old = state.ended !== undefined && stated.records !== state.records;
    const message = 'It was not written again after the last record.';
    return old ? [wrong(named, 'result-old', message)] : [];
  }
  const message = 'It is not what the journal gives.';
  const known = rendered !== undefined && stated.chainHead !== undefined;
  // No line comes after the last one to hold its digest: only the two files together tell that one
  // of them changed.
  return known && rendered.includes(`"chainHead": ${JSON.stringify(stated.chainHead)}`)
    ? [wrong(named, 'result-differs', message)]
    : [
        wrong(named, 'result-differs', message),
        wrong(file, 'head-differs', 'Its head is not the one that result.json states.'),
      ];
}
