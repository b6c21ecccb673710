// A part of the kernel that can be replaced while it runs: who uses it is counted, and can be kept
// waiting while it is replaced.

import type { Faults } from './faults.ts';
import type { Json } from './json.ts';

export type HotModule = {
  readonly version: string;
  /** Asked before anything is changed. */
  readonly probe: () => boolean;
  /** Asked once it is in place. */
  readonly health: () => boolean;
  readonly exportState: () => Json;
  /** Throws when it cannot go on from there. */
  readonly importState: (state: Json) => void;
  /** One request more; answers how many there were, over all versions. */
  readonly handle: () => number;
};

export type Use = {
  readonly module: HotModule;
  /** Fires when the module is taken away from whoever still uses it; a sound kernel never does. */
  readonly signal: AbortSignal;
  readonly leave: () => void;
};

export type HotTarget = {
  readonly name: string;
  readonly current: () => HotModule;
  readonly replace: (module: HotModule) => void;
  readonly inflight: () => number;
  /** Waits while the target is quiesced. Undefined when it refuses instead. */
  readonly enter: () => Promise<Use | undefined>;
  readonly quiesce: () => void;
  readonly resume: () => void;
  /** Whether nobody uses it any more within that time. */
  readonly drained: (ms: number) => Promise<boolean>;
  readonly drop: () => void;
};

export function makeHotTarget(name: string, first: HotModule, faults: Faults): HotTarget {
  let module = first;
  let inflight = 0;
  let waiting: { readonly promise: Promise<void>; readonly open: () => void } | undefined;
  let dropped = new AbortController();
  const idle = new Set<() => void>();

  const leaveOnce = (): (() => void) => {
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      inflight -= 1;
      if (inflight === 0) for (const tell of idle) tell();
    };
  };

  return {
    name,
    current: () => module,
    replace: (next) => {
      module = next;
    },
    inflight: () => inflight,
    enter: async () => {
      if (waiting !== undefined && faults.has('hmr.refuses-new')) return undefined;
      while (waiting !== undefined) await waiting.promise;
      inflight += 1;
      return { module, signal: dropped.signal, leave: leaveOnce() };
    },
    quiesce: () => {
      let open = (): void => undefined;
      const promise = new Promise<void>((resolve) => {
        open = resolve;
      });
      waiting ??= { promise, open };
    },
    resume: () => {
      const held = waiting;
      waiting = undefined;
      held?.open();
    },
    drained: (ms) => waitIdle(() => inflight === 0, idle, ms),
    drop: () => {
      dropped.abort();
      dropped = new AbortController();
    },
  };
}

function waitIdle(isIdle: () => boolean, idle: Set<() => void>, ms: number): Promise<boolean> {
  if (isIdle()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = (answer: boolean) => (): void => {
      clearTimeout(timer);
      idle.delete(drained);
      resolve(answer);
    };
    const drained = end(true);
    const timer = setTimeout(end(false), ms);
    idle.add(drained);
  });
}
