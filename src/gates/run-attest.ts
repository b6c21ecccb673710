// A person's word about a gate as a short run of its own: signed, kept with its evidence, and in the
// store's list, so that it can neither be slipped in later nor be lost without notice.

import { toBase64 } from '../evidence/base64.ts';
import { bundleRoot } from '../evidence/bundle-paths.ts';
import { openBundle, type Bundle } from '../evidence/bundle.ts';
import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import { headerDigest } from '../evidence/journal-chain.ts';
import { makeRedactor } from '../evidence/redact.ts';
import { journalFormat, type ObjectRef } from '../evidence/record.ts';
import { listRun } from '../evidence/runs-list.ts';
import type { Store } from '../evidence/store.ts';
import type { Signer } from '../ports/signer.ts';
import { recordObservation } from './find-records.ts';
import type { GateWorld } from './gate-world.ts';
import { manualScenario, signRecord, type ManualRecord } from './manual-record.ts';
import { gatesApp, runId } from './run-gates.ts';

export type AttestOptions = {
  readonly store: Store;
  readonly record: Omit<ManualRecord, 'evidence' | 'at'>;
  readonly evidence: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  readonly signer: Signer;
  readonly close: (bundle: Bundle) => Promise<void>;
};

const operation = 'attest';
const check = { check: 'gate.attest.signed', operation, boundary: 'host-cli' } as const;

export async function runAttest(
  world: GateWorld,
  options: AttestOptions,
): Promise<{ readonly run: string; readonly record: ManualRecord }> {
  const run = runId(world);
  const lock = await world.locks.acquire(`gates-${run}`, { waitMs: 60_000 });
  try {
    const { store } = options;
    const header = { format: journalFormat, run, store: store.id } as const;
    const { clock, locks, files } = world;
    const listed = { run, app: gatesApp, scenario: manualScenario, lock: lock.name };
    const head = headerDigest(header);
    await listRun({ ...store, clock, locks }, { ...listed, state: 'started', head });
    const root = bundleRoot(store.root, run);
    const bundle = await openBundle({ files, clock, root, header, redactor: makeRedactor() });
    const record = await write(world, bundle, { ...options, run, lock: lock.name });
    await options.close(bundle);
    return { run, record };
  } finally {
    await lock.release();
  }
}

async function write(
  world: GateWorld,
  bundle: Bundle,
  options: AttestOptions & { readonly run: string; readonly lock: string },
): Promise<ManualRecord> {
  await begin(world, bundle, options);
  const startedMs = world.clock.monotonicMs();
  await bundle.append({
    type: 'operation.started',
    data: { operation, stage: 'head', budgetMs: 60_000 },
  });
  await bundle.append({ type: 'check.started', data: check });
  const kept: ObjectRef[] = [];
  for (const { name, bytes } of options.evidence)
    kept.push(
      await bundle.put({
        path: `evidence/${check.check}/${name}`,
        mediaType: 'application/octet-stream',
        content: bytes,
      }),
    );
  const record: ManualRecord = {
    ...options.record,
    // Digests of what is kept, which is what was given with every known secret masked.
    evidence: kept.map(({ sha256, bytes }, index) => ({
      name: options.evidence[index]?.name ?? '',
      sha256,
      bytes,
    })),
    at: world.clock.now().toISOString(),
  };
  const object = await bundle.put({
    path: `observations/${operation}/${recordObservation}.json`,
    mediaType: 'application/json',
    content: `${await signRecord(record, options.signer)}\n`,
  });
  await bundle.append({
    type: 'observation',
    data: { operation, what: recordObservation, object },
  });
  await bundle.append({
    type: 'check.ended',
    data: {
      ...check,
      verdict: 'passed',
      attempt: 1,
      message: `${record.signer} (${record.decision}) on ${record.gate}`,
      evidence: kept,
      touched: ['host-cli'],
      durationMs: 0,
    },
  });
  const durationMs = Math.round(world.clock.monotonicMs() - startedMs);
  await bundle.append({
    type: 'operation.ended',
    data: { operation, outcome: 'done', durationMs },
  });
  await bundle.append({ type: 'run.ended', data: { outcome: 'completed' } });
  return record;
}

async function begin(
  world: GateWorld,
  bundle: Bundle,
  {
    store,
    record,
    signer,
    run,
    lock,
  }: AttestOptions & { readonly run: string; readonly lock: string },
): Promise<void> {
  const plan = await bundle.put({
    path: 'plan.json',
    mediaType: 'application/json',
    content: canonicalJson({ ...record, schema: 'seatrial.gates-attest/v1' }),
  });
  await bundle.append({
    type: 'run.started',
    data: {
      ...{ format: journalFormat, store: store.id, run, job: run, attempt: 1 },
      tool: { name: 'seatrial', version: world.toolVersion },
      host: world.host,
      pid: world.pid,
      ...{ app: gatesApp, instance: gatesApp, lock, scenario: manualScenario },
      work: `${store.root}/work/${run}`,
      driver: { kind: 'process', version: '1', fake: false },
      plan,
      planDigest: plan.sha256,
      operations: [{ name: operation }],
      expected: [
        {
          id: check.check,
          after: operation,
          boundary: 'host-cli',
          source: 'scenario',
          title: 'The statement was signed and kept',
        },
      ],
      base: { skipped: 'a statement is about one commit' },
      head: {
        origin: 'git',
        ref: `git:${record.commit}`,
        commit: record.commit,
        digest: sha256Hex(record.commit),
      },
      selection: 'full',
      signer: { keyId: signer.keyId, publicKey: toBase64(signer.publicKey) },
    },
  });
}
