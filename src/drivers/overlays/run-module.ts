// Runs the checks of a TypeScript or JavaScript module in a process of their own, one after the other.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OverlayEvidence, OverlayOutcome } from '../../ports/overlays.ts';
import type { ProcessResult } from '../../ports/processes.ts';
import { compileModules } from './compile-modules.ts';
import type { Job, World } from './job.ts';
import {
  evidenceLimits,
  makeFrameReader,
  type ModuleFrame,
  type ModuleOrder,
} from './module-frames.ts';
import { allAs, outcome, outputEvidence, sayEnding } from './outcome.ts';

/** Loading has at least this long, however short a single check may take. */
const loadMsMin = 10_000;
/** For a process that answered everything and does not end. */
const farewellMs = 1000;

/** What is known so far about the checks of one process. */
type Progress = {
  readonly answers: Map<string, OverlayOutcome>;
  readonly evidence: Map<string, OverlayEvidence[]>;
  current: string | undefined;
  /** Something that is not the host's came over the channel while `current` ran. */
  disturbed: boolean;
  loaded: boolean;
  loadFailure: string | undefined;
  done: boolean;
  /** Milliseconds after which the caller gave up, if it did. */
  expiredAfterMs: number | undefined;
};

export async function runModule(
  job: Job,
  text: string,
  world: World,
): Promise<readonly OverlayOutcome[]> {
  const { selection, facts } = job;
  const url = pathToFileURL(join(job.folder, selection.path));
  const compiled = await compileModules(url, text, {
    stripTypes: world.readers.stripTypes,
    ...(job.root === undefined ? {} : { root: job.root }),
  });
  if ('problem' in compiled) return allAs(selection, 'error', `import: ${compiled.problem}`);
  const order: ModuleOrder = {
    key: randomBytes(32).toString('hex'),
    url: url.href,
    sources: compiled.sources,
    checks: selection.checks.map(({ id, name }) => ({ id, name })),
    facts,
  };
  const progress: Progress = {
    answers: new Map(),
    evidence: new Map(),
    current: undefined,
    disturbed: false,
    loaded: false,
    loadFailure: undefined,
    done: false,
    expiredAfterMs: undefined,
  };
  const result = await watch(job, order, progress, world);
  return selection.checks.map(
    ({ id }) => progress.answers.get(id) ?? explainMissing(id, progress, result, job.timeoutMs),
  );
}

async function watch(
  job: Job,
  order: ModuleOrder,
  progress: Progress,
  world: World,
): Promise<ProcessResult> {
  const given = new AbortController();
  const loadMs = Math.max(job.timeoutMs, world.loadMsMin ?? loadMsMin);
  let timer: NodeJS.Timeout | undefined;
  const allow = (milliseconds: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      progress.expiredAfterMs = milliseconds;
      given.abort();
    }, milliseconds);
  };
  allow(loadMs);
  const reader = makeFrameReader(
    order.key,
    (frame) => {
      if (progress.expiredAfterMs !== undefined) return;
      readFrame(frame, progress, job);
      if (frame.type === 'done') allow(farewellMs);
      else if (frame.type !== 'evidence') allow(job.timeoutMs);
    },
    () => {
      progress.disturbed = true;
    },
  );
  try {
    return await world.processes.run({
      argv: [world.node, '--input-type=module', '--eval', await world.host()],
      cwd: job.folder,
      env: job.env,
      stdin: Buffer.from(JSON.stringify(order)),
      timeoutMs: loadMs + farewellMs + job.timeoutMs * (order.checks.length + 1),
      outputLimitBytes: world.outputLimitBytes,
      graceMs: 500,
      channel: true,
      onChannel: reader.push,
      signal: job.signal === undefined ? given.signal : AbortSignal.any([given.signal, job.signal]),
    });
  } finally {
    clearTimeout(timer);
  }
}

function readFrame(frame: ModuleFrame, progress: Progress, job: Job): void {
  switch (frame.type) {
    case 'loaded':
      progress.loaded = true;
      return;
    case 'load-failed':
      progress.loadFailure = frame.message;
      return;
    case 'start':
      progress.current = frame.id;
      progress.disturbed = false;
      job.onStart(frame.id);
      return;
    case 'evidence':
      addEvidence(frame, progress);
      return;
    case 'end':
      endCheck(frame, progress, job);
      return;
    case 'done':
      progress.done = true;
  }
}

function addEvidence(frame: ModuleFrame & { type: 'evidence' }, progress: Progress): void {
  const { id, name, mediaType, base64 } = frame;
  if (id !== progress.current) return;
  const kept = progress.evidence.get(id) ?? [];
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  if (bytes.length > evidenceLimits.each || kept.length >= evidenceLimits.count) return;
  progress.evidence.set(id, [...kept, { name, mediaType, bytes }]);
}

function endCheck(frame: ModuleFrame & { type: 'end' }, progress: Progress, job: Job): void {
  const { id, verdict, message, durationMs, http, driver } = frame;
  if (id !== progress.current || progress.answers.has(id)) return;
  const more = {
    durationMs,
    evidence: progress.evidence.get(id) ?? [],
    touched: [...(http ? (['http'] as const) : []), ...(driver ? (['driver'] as const) : [])],
  };
  const answer = progress.disturbed
    ? outcome(id, 'error', 'something wrote to the result channel while the check ran', more)
    : outcome(id, verdict, message, more);
  progress.answers.set(id, answer);
  progress.current = undefined;
  job.onResult(answer);
}

function explainMissing(
  id: string,
  progress: Progress,
  result: ProcessResult,
  timeoutMs: number,
): OverlayOutcome {
  const evidence = [...(progress.evidence.get(id) ?? []), ...outputEvidence(result)];
  const ending =
    progress.expiredAfterMs === undefined
      ? sayEnding(result, timeoutMs)
      : `timeout: no answer within ${String(progress.expiredAfterMs)} ms`;
  if (progress.loadFailure !== undefined)
    return outcome(id, 'error', `import: ${progress.loadFailure}`, { evidence });
  if (!progress.loaded) return outcome(id, 'error', `import: ${ending}`, { evidence });
  if (id === progress.current) return outcome(id, 'error', ending, { evidence });
  return outcome(id, 'not-run', `an earlier check ended the process: ${ending}`);
}
