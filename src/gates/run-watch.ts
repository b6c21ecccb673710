// A watch of a running system as a run of its own: a record for each look, judged at its end. One
// that was interrupted is taken over by a new run, which repeats the samples of the old one and goes
// on. It is kept by wall-clock time, since it outlives processes and reboots.

import { toBase64 } from '../evidence/base64.ts';
import { bundleRoot } from '../evidence/bundle-paths.ts';
import { openBundle, type Bundle } from '../evidence/bundle.ts';
import { canonicalJson } from '../evidence/canonical.ts';
import { headerDigest } from '../evidence/journal-chain.ts';
import { makeRedactor } from '../evidence/redact.ts';
import { journalFormat, type ExpectedCheck, type RecordData } from '../evidence/record.ts';
import { listRun } from '../evidence/runs-list.ts';
import type { RunState } from '../evidence/run-state.ts';
import type { Store } from '../evidence/store.ts';
import type { Json } from '../ports/json.ts';
import type { LogFiles } from '../ports/log-files.ts';
import type { GateRunOptions } from './gate-session.ts';
import type { GateWorld } from './gate-world.ts';
import { gatesApp, runId } from './run-gates.ts';
import { takeSample } from './take-sample.ts';
import {
  endOf,
  makeWatchJudge,
  paceId,
  paceTitle,
  planNote,
  slotMs,
  slotsOf,
  type WatchJudge,
  type WatchPlan,
} from './watch-judge.ts';
import { signalNames } from './watch-schema.ts';
import { sampleNote, type Sample } from './watch-sample.ts';
import { signalIds, signalTitles } from './watch-signals.ts';

export const watchScenario = 'gates-watch';
const operation = 'watch';

export type WatchWorld = Pick<
  GateWorld,
  'clock' | 'files' | 'http' | 'host' | 'ids' | 'locks' | 'pid' | 'signer' | 'toolVersion'
> & { readonly logs: LogFiles };

export type WatchOptions = {
  readonly store: Store;
  readonly plan: WatchPlan;
  /** Digest of everything that makes it this watch and no other. */
  readonly identity: string;
  /** Held by the caller for as long as the watch runs. */
  readonly lock: string;
  /** Samples of the run that this one takes over; empty for a new watch. */
  readonly earlier: readonly Sample[];
  readonly failFast: boolean;
  readonly signal: AbortSignal;
  readonly howStopped: GateRunOptions['howStopped'];
  readonly close: (bundle: Bundle) => Promise<void>;
  readonly onSample: (sample: Sample, judge: WatchJudge) => void;
};

type Watching = {
  readonly world: WatchWorld;
  readonly options: WatchOptions;
  readonly bundle: Bundle;
  readonly judge: WatchJudge;
};

export async function runWatch(world: WatchWorld, options: WatchOptions): Promise<RunState> {
  const { store, lock, plan } = options;
  const run = runId(world);
  const header = { format: journalFormat, run, store: store.id } as const;
  const { clock, files, locks } = world;
  const listed = { run, app: gatesApp, scenario: watchScenario, lock };
  const head = headerDigest(header);
  await listRun({ ...store, clock, locks }, { ...listed, state: 'started', head });
  const root = bundleRoot(store.root, run);
  const bundle = await openBundle({ files, clock, root, header, redactor: makeRedactor() });
  const watching: Watching = { world, options, bundle, judge: makeWatchJudge(plan) };
  let crashed: unknown;
  try {
    await begin(watching, run);
    await end(watching, await watch(watching));
  } catch (error) {
    if (!options.signal.aborted) crashed = error;
    await stop(watching, crashed);
  }
  await options.close(bundle);
  if (crashed !== undefined) throw crashed as Error;
  return bundle.state();
}

async function begin({ world, options, bundle }: Watching, run: string): Promise<void> {
  const { store, plan, identity, lock } = options;
  const object = await bundle.put({
    path: 'plan.json',
    mediaType: 'application/json',
    content: canonicalJson(JSON.parse(JSON.stringify(plan)) as Json),
  });
  const { signer } = world;
  const data: RecordData['run.started'] = {
    ...{ format: journalFormat, store: store.id, run, job: run },
    attempt: plan.continues.length + 1,
    tool: { name: 'seatrial', version: world.toolVersion },
    ...{ host: world.host, pid: world.pid, lock },
    ...{ app: gatesApp, instance: gatesApp, scenario: watchScenario },
    work: `${store.root}/work/${run}`,
    driver: { kind: 'process', version: '1', fake: false },
    ...{ plan: object, planDigest: object.sha256, operations: [{ name: operation }] },
    expected: expectedOf(plan),
    base: { skipped: 'a watch deploys nothing' },
    head: { origin: 'directory', ref: `dir:${plan.settings_file}`, digest: identity },
    selection: 'full',
    ...(signer === undefined
      ? {}
      : { signer: { keyId: signer.keyId, publicKey: toBase64(signer.publicKey) } }),
  };
  await bundle.append({ type: 'run.started', data });
  await bundle.append(planNote(plan));
  const budgetMs = plan.for_ms;
  await bundle.append({
    type: 'operation.started',
    data: { operation, stage: 'head', budgetMs },
  });
}

const expectedOf = ({ settings }: WatchPlan): readonly ExpectedCheck[] => {
  const common = { after: operation, boundary: 'http', source: 'scenario' } as const;
  const signals = signalNames.map((name) => ({
    ...{ ...common, id: signalIds[name], title: signalTitles[name] },
    ...(settings[name] === false
      ? { skip: { kind: 'declared' as const, reason: 'watch.yaml leaves it out' } }
      : {}),
  }));
  return [...signals, { ...common, id: paceId, title: paceTitle }];
};

/** The last sample. */
async function watch(watching: Watching): Promise<Sample | undefined> {
  const { world, options, bundle, judge } = watching;
  const { plan, earlier, failFast, signal } = options;
  let before: Sample | undefined;
  for (const sample of earlier) {
    await bundle.append(sampleNote(sample));
    judge.add(sample);
    before = sample;
  }
  for (;;) {
    if (failFast && judge.failed()) return before;
    const slot = nextSlot(plan, world.clock.now().getTime(), before?.slot);
    if (slot >= slotsOf(plan)) return before;
    await world.clock.sleep(Math.max(0, slotMs(plan, slot) - world.clock.now().getTime()), signal);
    signal.throwIfAborted();
    const sample: Sample = await takeSample(
      world,
      { ...plan, target: plan.target ?? undefined, data: plan.data ?? undefined, signal },
      { slot, before },
    );
    await bundle.append(sampleNote(sample), { durable: true });
    judge.add(sample);
    before = sample;
    options.onSample(sample, judge);
  }
}

/** The slot that is now, or the next one when that was taken; slots that were missed stay missed. */
function nextSlot(plan: WatchPlan, nowMs: number, last: number | undefined): number {
  const now = Math.floor((nowMs - slotMs(plan, 0)) / plan.interval_ms);
  return Math.max(now, last === undefined ? 0 : last + 1);
}

async function end(
  { world, options, bundle, judge }: Watching,
  last: Sample | undefined,
): Promise<void> {
  const { plan } = options;
  for (const { id, verdict, message } of judge.answers(endOf(plan, last, judge.failed()))) {
    const data = { check: id, operation, boundary: 'http' } as const;
    await bundle.append({ type: 'check.started', data });
    await bundle.append({
      type: 'check.ended',
      data: {
        ...data,
        verdict,
        attempt: 1,
        message,
        evidence: [],
        touched: ['http'],
        durationMs: 0,
      },
    });
  }
  const durationMs = Math.max(0, world.clock.now().getTime() - slotMs(plan, 0));
  await bundle.append({
    type: 'operation.ended',
    data: { operation, outcome: 'done', durationMs },
  });
  await bundle.append({ type: 'run.ended', data: { outcome: 'completed' } });
}

async function stop({ options, bundle }: Watching, crashed: unknown): Promise<void> {
  const said = crashed instanceof Error ? crashed.message : 'something was thrown';
  await bundle.append({
    type: 'run.ended',
    data:
      crashed === undefined
        ? options.howStopped(options.signal)
        : { outcome: 'crashed', cause: 'bug', message: said },
  });
}
