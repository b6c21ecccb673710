// Ends an app from another process, after the run that started it was killed: by recorded process
// identities and by the marks that its descendants carry. A reused pid is never touched.

import { setTimeout as sleep } from 'node:timers/promises';

import { sendSignal, type Survivor } from './launched.ts';
import {
  bootId,
  descendantsOf,
  describeProcess,
  isAlive,
  isBelow,
  isRunning,
  listProcesses,
  readEnvironment,
  readExecutable,
  readWorkingDirectory,
  type ProcessStat,
} from './proc.ts';

type ProcessMarks = {
  /** Value of `SEATRIAL_RUN` in the environment. */
  readonly marker?: string;
  /** The run's work folder: who works or was started below it belongs to the run. */
  readonly workFolder?: string;
};

type TreeIdentity = ProcessMarks & {
  readonly pid?: number;
  readonly startTime?: number;
  readonly guardianPid?: number;
  readonly guardianStartTime?: number;
  /** Of the boot in which the pids were recorded; in another one they mean nothing. */
  readonly bootId?: string;
};

type KilledTree = {
  readonly killed: readonly Survivor[];
  /** Still there when time was over: another user's, or stuck in the kernel. */
  readonly left: readonly Survivor[];
};

/** This process and its ancestors: whoever cleans up may itself carry the mark. */
function ownLine(processes: readonly ProcessStat[]): ReadonlySet<number> {
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const line = new Set<number>();
  for (
    let pid: number | undefined = process.pid;
    pid !== undefined && pid > 0 && !line.has(pid);
    pid = parents.get(pid)
  )
    line.add(pid);
  return line;
}

function carriesMark(stat: ProcessStat, { marker, workFolder }: ProcessMarks): boolean {
  if (marker !== undefined && readEnvironment(stat.pid)?.['SEATRIAL_RUN'] === marker) return true;
  // A terminal means that a person sits there; what a run starts has none.
  if (workFolder === undefined || stat.terminal !== 0) return false;
  return [readWorkingDirectory(stat.pid), readExecutable(stat.pid)].some(
    (path) => path !== undefined && isBelow(path, workFolder),
  );
}

/** Living processes that carry a mark of the run, except this process and its ancestors. */
export function findMarked(
  marks: ProcessMarks,
  processes: readonly ProcessStat[] = listProcesses(),
): readonly ProcessStat[] {
  const own = ownLine(processes);
  return processes.filter(
    (stat) => isAlive(stat) && !own.has(stat.pid) && carriesMark(stat, marks),
  );
}

function recordedRoots(identity: TreeIdentity): readonly number[] {
  if (identity.bootId !== undefined && identity.bootId !== bootId()) return [];
  const recorded: readonly (readonly [number | undefined, number | undefined])[] = [
    [identity.guardianPid, identity.guardianStartTime],
    [identity.pid, identity.startTime],
  ];
  return recorded.flatMap(([pid, start]) =>
    pid !== undefined && start !== undefined && pid > 1 && isRunning(pid, start) ? [pid] : [],
  );
}

/** Everything that belongs to the tree now: recorded and marked processes and all their descendants. */
function findTree(identity: TreeIdentity): readonly ProcessStat[] {
  const processes = listProcesses();
  const own = ownLine(processes);
  const roots = [
    ...recordedRoots(identity),
    ...findMarked(identity, processes).map(({ pid }) => pid),
  ];
  const pids = new Set([...roots, ...descendantsOf(roots, processes).map(({ pid }) => pid)]);
  return processes.filter((stat) => pids.has(stat.pid) && !own.has(stat.pid));
}

const pollMs = 10;

const keyOf = ({ pid, startTime }: ProcessStat): string => `${String(pid)}@${String(startTime)}`;

const describe = ({ pid }: ProcessStat): Survivor => ({ pid, command: describeProcess(pid) });

/** SIGKILLs the tree until nothing of it is left, at most `timeoutMs` (default 10 s). Idempotent. */
export async function killTree(
  identity: TreeIdentity,
  { timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {},
): Promise<KilledTree> {
  const killed = new Map<string, Survivor>();
  const end = performance.now() + timeoutMs;
  const isGuardian = ({ pid, startTime }: ProcessStat): boolean =>
    pid === identity.guardianPid &&
    startTime === identity.guardianStartTime &&
    pid !== identity.pid;
  for (;;) {
    const tree = findTree(identity);
    const app = tree.filter((stat) => !isGuardian(stat));
    if (tree.length === 0) return { killed: [...killed.values()], left: [] };
    const found = new Map(app.map((stat) => [keyOf(stat), describe(stat)]));
    if (performance.now() >= end)
      return { killed: [...killed.values()], left: [...found.values()] };
    for (const [key, survivor] of found) killed.set(key, survivor);
    // The guardian goes last: as long as it lives, what is forked meanwhile stays in its tree.
    for (const { pid, startTime } of app.length > 0 ? app : tree)
      // Asked again right before: between the scan and here a pid may have changed hands.
      if (isRunning(pid, startTime)) sendSignal(pid, 'SIGKILL');
    await sleep(pollMs);
  }
}
