// The program of a worker: answers batches of files, one after the other.

import { parentPort, workerData } from 'node:worker_threads';
import { judgeFound, printAnswer } from './aether-judge.ts';
import type { Batch, WorkerSettings } from './aether-many.ts';

const { judge, print } = workerData as WorkerSettings;

parentPort?.on('message', (batch: Batch) => {
  const found = batch.map((each) => ({ ...each, path: asPath(each.path) }));
  parentPort?.postMessage(found.map((each) => printAnswer(judgeFound(each, judge), print)));
});

/** Buffers arrive as plain byte arrays. */
function asPath(path: string | Uint8Array): string | Buffer {
  return typeof path === 'string' ? path : Buffer.from(path);
}
