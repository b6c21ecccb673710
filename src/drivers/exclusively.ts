// One operation at a time on one deployment, and none after its end was asked for.

import { WorldError } from '../ports/world-error.ts';

/** What an instance of any driver has. */
type Busy = {
  readonly closing: AbortController;
  readonly state: { busy: Promise<unknown> };
};

/** Runs an operation under the caller's signal and the instance's own, one after the other. */
export async function exclusively<Value>(
  instance: Busy,
  signal: AbortSignal,
  operation: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const both = AbortSignal.any([signal, instance.closing.signal]);
  const result = instance.state.busy.then(() => {
    assertNotCancelled(both);
    return operation(both);
  });
  instance.state.busy = result.catch(() => undefined);
  return result;
}

/** Throws the WorldError `cancelled`. */
export function assertNotCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new WorldError('cancelled', 'the operation was cancelled');
}
