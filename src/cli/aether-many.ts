// Many files, answered in the order they were found in, on one core or several.

import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { judgeFound, printAnswer, type Printed } from './aether-judge.ts';
import { paced } from './aether-pace.ts';
import type { Found } from './aether-paths.ts';
import type { JudgeSettings, Memory, PrintSettings } from './aether-settings.ts';

export type ManySettings = {
  readonly judge: JudgeSettings;
  readonly print: PrintSettings;
  readonly jobs: number;
  /** Known answers; they are looked up on one core. */
  readonly memory?: Memory;
  readonly signal: AbortSignal;
};

/** Fewer files than these are done before a worker has started. */
const worthWorkers = 512;
const batchSize = 64;
const batchesAhead = 4;

export async function* judgeMany(
  files: Iterable<Found>,
  settings: ManySettings,
): AsyncGenerator<Printed> {
  const iterator = files[Symbol.iterator]();
  if (settings.jobs < 2 || settings.memory !== undefined) {
    yield* judgeHere(rest(iterator), settings);
    return;
  }
  const first = take(iterator, worthWorkers);
  if (first.length < worthWorkers) yield* judgeHere(first, settings);
  else yield* judgeThere(joined(first, iterator), settings);
}

async function* judgeHere(
  files: Iterable<Found>,
  { judge, print, memory, signal }: ManySettings,
): AsyncGenerator<Printed> {
  for await (const found of paced(files, signal))
    yield printAnswer(judgeFound(found, judge, memory), print);
}

/** What a worker is told once, and then for each batch; it answers each batch in turn. */
export type WorkerSettings = Pick<ManySettings, 'judge' | 'print'>;
export type Batch = readonly Found[];

async function* judgeThere(
  files: Iterable<Found>,
  settings: ManySettings,
): AsyncGenerator<Printed> {
  const workers = Array.from({ length: settings.jobs }, () => openWorker(settings));
  try {
    yield* inOrder(files[Symbol.iterator](), workers, settings.signal);
  } finally {
    await Promise.all(workers.map(({ close }) => close()));
  }
}

/** Each batch goes to the next worker in turn, so the oldest answer is always the next one. */
async function* inOrder(
  iterator: Iterator<Found>,
  workers: readonly Lane[],
  signal: AbortSignal,
): AsyncGenerator<Printed> {
  const waiting: Promise<readonly Printed[]>[] = [];
  for (let turn = 0; ; turn += 1) {
    const batch = take(iterator, batchSize);
    const lane = workers[turn % workers.length];
    if (batch.length > 0 && lane !== undefined) waiting.push(lane.judge(batch));
    if (batch.length > 0 && waiting.length < workers.length * batchesAhead) continue;
    const oldest = waiting.shift();
    if (oldest === undefined) return;
    yield* await oldest;
    signal.throwIfAborted();
  }
}

type Lane = {
  readonly judge: (batch: Batch) => Promise<readonly Printed[]>;
  readonly close: () => Promise<unknown>;
};

type Pending = {
  readonly resolve: (printed: readonly Printed[]) => void;
  readonly reject: (error: Error) => void;
};

function openWorker({ judge, print }: ManySettings): Lane {
  const worker = new Worker(workerProgram(), { workerData: { judge, print } });
  const pending: Pending[] = [];
  const fail = (error: Error): void => {
    for (const { reject } of pending.splice(0)) reject(error);
  };
  worker.on('message', (printed: readonly Printed[]) => pending.shift()?.resolve(printed));
  worker.on('error', fail);
  worker.on('exit', (code) => {
    fail(new Error(`a worker ended with ${String(code)}`));
  });
  return {
    judge: (batch) => {
      const answered = new Promise<readonly Printed[]>((resolve, reject) => {
        pending.push({ resolve, reject });
      });
      // Whoever stops reading early must not leave an unhandled rejection behind.
      answered.catch(() => undefined);
      worker.postMessage(batch);
      return answered;
    },
    close: () => worker.terminate(),
  };
}

/** Uncompiled, the worker has to load the loader first that reads its source. */
function workerProgram(): URL {
  const compiled = new URL('./aether-worker.js', import.meta.url);
  if (existsSync(compiled)) return compiled;
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const source = JSON.stringify(new URL('./aether-worker.ts', import.meta.url));
  const program = `import { register } from ${loader}; register(); await import(${source});`;
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`);
}

function take(iterator: Iterator<Found>, limit: number): Found[] {
  const taken: Found[] = [];
  while (taken.length < limit) {
    const next = iterator.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

function* rest(iterator: Iterator<Found>): Generator<Found> {
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) yield next.value;
}

function* joined(first: readonly Found[], iterator: Iterator<Found>): Generator<Found> {
  yield* first;
  yield* rest(iterator);
}
