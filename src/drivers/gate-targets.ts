// Targets of gates as processes below a guardian: nothing they fork off outlives a stop, and all of
// it dies with Seatrial.

import type { GateTargets, TargetEnd } from '../ports/gate-targets.ts';
import type { Locks } from '../ports/locks.ts';
import { allocatePort, isPortFree } from './process/ports.ts';
import { bootId } from './process/proc.ts';
import { startSupervised } from './process/supervise.ts';

/** Per stream; enough for a ready line and what goes wrong at a start. */
const keptMaxBytes = 256 * 1024;

export const makeGateTargets = ({
  locks,
  searchPath,
}: {
  readonly locks: Locks;
  readonly searchPath: string;
}): GateTargets => ({
  start: async (spec) => {
    const kept = { stdout: '', stderr: '' };
    const target = await startSupervised({
      ...spec,
      searchPath,
      onOutput: (stream, bytes) => {
        if (kept[stream].length < keptMaxBytes) kept[stream] += Buffer.from(bytes).toString('utf8');
      },
    });
    const { pid, startTime, guardianPid, guardianStartTime } = target;
    let ended: Promise<TargetEnd> | undefined;
    return {
      identity: { pid, startTime, guardianPid, guardianStartTime },
      running: target.running,
      output: () => ({ ...kept }),
      exited: target.exited,
      stop: (signal, graceMs) => {
        ended ??= target.stop({ signal, graceMs }).then(async ({ forced, survivors }) => {
          const { code, signal: by } = await target.exited;
          return { exitCode: code, signal: by, forced, survivors };
        });
        return ended;
      },
    };
  },
  leasePort: async () => {
    const { port, lock } = await allocatePort({ locks });
    return { port, release: () => lock.release() };
  },
  isFree: isPortFree,
});

/** Pids mean nothing after a reboot; the record of a target says of which boot they are. */
export const thisBoot = (): string => bootId() ?? '';
