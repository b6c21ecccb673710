// Short-running commands: everything the harness starts to learn or to do one thing.

import type { ProcessResult, Processes, ProcessSpec } from '../../ports/processes.ts';
import { launch } from './launch.ts';
import { deferred, findProgram, type Launched, type OutputStream } from './launched.ts';

const graceMsDefault = 2000;

type Collected = { readonly chunks: Buffer[]; bytes: number };

type Collector = {
  readonly take: (stream: OutputStream, bytes: Buffer) => Buffer;
  readonly bytesOf: (stream: OutputStream) => Uint8Array;
  readonly dropped: () => number;
};

/** Keeps the first `limit` bytes of each stream and counts the rest: a flood must not grow memory. */
function makeCollector(limit: number): Collector {
  const streams: Record<OutputStream, Collected> = {
    stdout: { chunks: [], bytes: 0 },
    stderr: { chunks: [], bytes: 0 },
    channel: { chunks: [], bytes: 0 },
  };
  let dropped = 0;
  return {
    take: (stream, bytes) => {
      const collected = streams[stream];
      const room = Math.max(0, limit - collected.bytes);
      const kept = bytes.length > room ? bytes.subarray(0, room) : bytes;
      dropped += bytes.length - kept.length;
      if (kept.length > 0) {
        collected.bytes += kept.length;
        collected.chunks.push(kept);
      }
      return kept;
    },
    bytesOf: (stream) => new Uint8Array(Buffer.concat(streams[stream].chunks)),
    dropped: () => dropped,
  };
}

type StopCause = 'timeout' | 'cancel' | undefined;

/** Resolves when the command ended by itself, its time was over, or the caller gave up. */
async function waitForCause(launched: Launched, spec: ProcessSpec): Promise<StopCause> {
  const cause = deferred<StopCause>();
  const timer = setTimeout(() => {
    cause.resolve('timeout');
  }, spec.timeoutMs);
  const onAbort = (): void => {
    cause.resolve('cancel');
  };
  if (spec.signal?.aborted === true) onAbort();
  spec.signal?.addEventListener('abort', onAbort, { once: true });
  void launched.exited.then(() => {
    cause.resolve(undefined);
  });
  try {
    return await cause.promise;
  } finally {
    clearTimeout(timer);
    spec.signal?.removeEventListener('abort', onAbort);
  }
}

async function run(perl: string | undefined, spec: ProcessSpec): Promise<ProcessResult> {
  const startedMs = performance.now();
  const collector = makeCollector(spec.outputLimitBytes);
  const graceMs = spec.graceMs ?? graceMsDefault;
  const launched = await launch({
    argv: spec.argv,
    cwd: spec.cwd,
    env: spec.env,
    ...(spec.stdin === undefined ? {} : { stdin: spec.stdin }),
    channel: spec.channel === true,
    graceMs,
    perl,
    onOutput: (stream, bytes) => {
      const kept = collector.take(stream, bytes);
      if (stream === 'channel') spec.onChannel?.(bytes);
      else if (kept.length > 0) spec.onOutput?.(stream, kept);
    },
  });
  const cause = await waitForCause(launched, spec);
  if (cause !== undefined) launched.stop('SIGTERM', graceMs);
  const [exit, ending] = await Promise.all([launched.exited, launched.ended]);
  return {
    exitCode: exit.code,
    signal: exit.signal,
    timedOut: cause === 'timeout',
    cancelled: cause === 'cancel',
    stdout: collector.bytesOf('stdout'),
    stderr: collector.bytesOf('stderr'),
    channel: collector.bytesOf('channel'),
    droppedBytes: collector.dropped(),
    durationMs: performance.now() - startedMs,
    survivors: ending.survivors,
  };
}

/**
 * Commands below a guardian, programs found on `searchPath`. With `guarded: false`, or where there is no
 * perl, a descendant that leaves its session is not caught, and nothing ends the command when Seatrial dies.
 */
export function makeProcesses({
  searchPath,
  guarded = true,
}: {
  readonly searchPath: string;
  readonly guarded?: boolean;
}): Processes {
  return {
    run: (spec) => run(guarded ? findProgram('perl', searchPath) : undefined, spec),
    find: (program) => Promise.resolve(findProgram(program, searchPath)),
  };
}

/** On the harness's own search path. */
export const systemProcesses: Processes = makeProcesses({ searchPath: process.env['PATH'] ?? '' });
