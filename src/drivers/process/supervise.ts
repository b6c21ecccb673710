// Long-running commands: the apps that the process driver keeps alive between operations.

import { launch } from './launch.ts';
import { findProgram, type Born, type Ending, type Exit } from './launched.ts';

/** What `output` keeps between two calls; more is counted and dropped, oldest first. */
const outputLimitDefault = 4 * 1024 * 1024;

export type SuperviseOptions = {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment; `SEATRIAL_RUN` is added. */
  readonly env: Readonly<Record<string, string>>;
  /** Id of the run: every descendant that keeps its environment can be found by it. */
  readonly marker: string;
  /** Live output; must not keep what it gets. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
  readonly outputLimitBytes?: number;
  /** Where perl is looked for; default: the harness's own search path. */
  readonly searchPath?: string;
};

export type TakenOutput = { readonly bytes: Uint8Array; readonly droppedBytes: number };

export type Supervised = {
  readonly pid: number;
  readonly startTime: number;
  /** The guardian's; the app's own where there is no perl. */
  readonly guardianPid: number;
  readonly guardianStartTime: number;
  /** What was executed; absent without a guardian and where the kernel refuses to trace. */
  readonly born?: Born;
  /** Settles when the app's main program ended; its descendants may still be going. */
  readonly exited: Promise<Exit>;
  readonly running: () => boolean;
  /** Everything written since the last call, both streams in order of arrival. */
  readonly output: () => TakenOutput;
  /** Idempotent. Resolves when no descendant is left. An app that ended before tells how it ended. */
  readonly stop: (options: {
    readonly signal: NodeJS.Signals;
    readonly graceMs: number;
  }) => Promise<Ending>;
};

type Ring = { readonly push: (bytes: Buffer) => void; readonly take: () => TakenOutput };

/** Keeps the last `limit` bytes, give or take one chunk. */
export function makeRing(limit: number): Ring {
  let chunks: Buffer[] = [];
  let kept = 0;
  let dropped = 0;
  return {
    push: (bytes) => {
      chunks.push(bytes);
      kept += bytes.length;
      while (kept > limit) {
        const first = chunks[0] ?? Buffer.alloc(0);
        const excess = Math.min(first.length, kept - limit);
        kept -= excess;
        dropped += excess;
        if (excess === first.length) chunks.shift();
        else chunks[0] = first.subarray(excess);
      }
    },
    take: () => {
      const taken = { bytes: new Uint8Array(Buffer.concat(chunks)), droppedBytes: dropped };
      chunks = [];
      kept = 0;
      dropped = 0;
      return taken;
    },
  };
}

/** Descendants of an app that ended by itself get this long between SIGTERM and SIGKILL. */
const survivorGraceMs = 2000;

/** Returns when the app runs. Throws as `launch` does. When Seatrial dies, the app dies at once. */
export async function startSupervised(options: SuperviseOptions): Promise<Supervised> {
  const ring = makeRing(options.outputLimitBytes ?? outputLimitDefault);
  const launched = await launch({
    argv: options.argv,
    cwd: options.cwd,
    env: { ...options.env, SEATRIAL_RUN: options.marker },
    channel: false,
    birth: true,
    graceMs: survivorGraceMs,
    perl: findProgram('perl', options.searchPath ?? process.env['PATH'] ?? ''),
    onOutput: (stream, bytes) => {
      ring.push(bytes);
      if (stream !== 'channel') options.onOutput?.(stream, bytes);
    },
  });
  let running = true;
  void launched.exited.then(() => {
    running = false;
  });
  return {
    pid: launched.pid,
    startTime: launched.startTime,
    guardianPid: launched.guardianPid,
    guardianStartTime: launched.guardianStartTime,
    ...(launched.born === undefined ? {} : { born: launched.born }),
    exited: launched.exited,
    running: () => running,
    output: ring.take,
    stop: async ({ signal, graceMs }) => {
      launched.stop(signal, graceMs);
      return launched.ended;
    },
  };
}
