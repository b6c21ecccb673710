// Work that does not wait for anything keeps signals from coming through.

import { setImmediate as nextTurn } from 'node:timers/promises';

const sliceMs = 8;

/** The same items; every few milliseconds the process may hear that it is to end, which then throws. */
export async function* paced<Item>(
  items: Iterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  let sliceEnds = performance.now() + sliceMs;
  for (const item of items) {
    yield item;
    if (performance.now() < sliceEnds) continue;
    await nextTurn();
    signal.throwIfAborted();
    sliceEnds = performance.now() + sliceMs;
  }
}
