// Whether a stack is up, from what the engine showed so far. Pure: no clock and no calls, so that any
// recorded history can be judged again. It needs history because the engine keeps few old tasks.

import type { WorldErrorCode } from '../../ports/world-error.ts';
import type { Judgement } from '../docker/settle.ts';

export type SeenTask = {
  readonly id: string;
  /** Slot of a replicated service, node of a global one. */
  readonly slot: string;
  readonly state: string;
  readonly desired: string;
  /** Its spec is the service's own, apart from what the engine fills in. */
  readonly current: boolean;
  readonly createdAt: string;
  readonly exitCode?: number;
  readonly error?: string;
  /** The kernel killed it for want of memory. */
  readonly outOfMemory?: boolean;
};

export type SeenService = {
  /** Digest of the engine's record. */
  readonly spec: string;
  readonly update?: { readonly state: string; readonly startedAt: string };
  readonly mode: 'replicated' | 'global' | 'replicated-job' | 'global-job';
  /** Tasks that should run, or complete. */
  readonly wanted: number;
  readonly restart: 'none' | 'on-failure' | 'any';
  /** 0 = without limit. */
  readonly attempts: number;
  readonly tasks: readonly SeenTask[];
};

export type SwarmSnapshot = {
  readonly atMs: number;
  readonly services: Readonly<Record<string, SeenService>>;
};

export type Intended = Readonly<
  Record<string, { readonly spec: string; readonly before?: string; readonly updatedAt?: string }>
>;

const crashesMax = 20;
const aliveMs = 10_000;
const ended = new Set(['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned']);

/** Looks at the newest snapshot in the light of the earlier ones. */
export function converge(
  intended: Intended,
  history: readonly SwarmSnapshot[],
  oneshot: readonly string[],
): Judgement {
  const last = history.at(-1);
  if (last === undefined) return { state: 'pending', why: 'nothing was seen yet' };
  const judged = Object.keys(intended)
    .sort()
    .map((name) => judgeService({ name, intended, history, oneshot }, last.services[name]));
  const first = (state: Judgement['state']) => judged.find((each) => each.state === state);
  const worst =
    first('rolled-back') ??
    first('foreign') ??
    first('failed') ??
    judged.find((each) => each.state === 'pending' && each.testbed !== undefined) ??
    first('pending');
  if (worst !== undefined) return worst;
  const up = judged.flatMap((each) => (each.state === 'up' ? [each] : []));
  return {
    state: 'up',
    identity: up.map(({ identity }) => identity).join(' '),
    notes: up.flatMap(({ notes }) => notes),
  };
}

type Asked = {
  readonly name: string;
  readonly intended: Intended;
  readonly history: readonly SwarmSnapshot[];
  readonly oneshot: readonly string[];
};

function judgeService(asked: Asked, seen: SeenService | undefined): Judgement {
  const { name } = asked;
  if (seen === undefined) return { state: 'pending', why: `${name} is not in the engine` };
  return (
    judgeSpec(asked, seen) ??
    judgeCrashes(asked) ??
    (seen.update?.state === 'updating'
      ? { state: 'pending', why: `${name} is being updated`, ...blameFor(currentOf(seen)) }
      : judgeTasks(asked, seen))
  );
}

/** First of all: a service that was rolled back runs well, but not what was sent. */
function judgeSpec({ name, intended }: Asked, seen: SeenService): Judgement | undefined {
  const { spec, before, updatedAt = '' } = intended[name] ?? { spec: '' };
  const { update } = seen;
  const begun = update?.state.startsWith('rollback_') === true && update.startedAt > updatedAt;
  if (begun || (seen.spec !== spec && seen.spec === before))
    return { state: 'rolled-back', message: `${name} was rolled back: ${lastErrors(seen)}` };
  return seen.spec === spec
    ? undefined
    : { state: 'foreign', message: `${name} was changed by somebody else while it came up` };
}

const lastErrors = ({ tasks }: SeenService): string =>
  [...new Set(tasks.flatMap(({ error }) => error ?? []))].slice(-3).join('; ') || 'no task error';

/** All current tasks that were ever seen to end in one slot, while none lived for long. */
function judgeCrashes({ name, history }: Asked): Judgement | undefined {
  const seen = history.flatMap(({ atMs, services }) => {
    const { mode = 'replicated', tasks = [] } = services[name] ?? {};
    return tasks
      .filter((task) => task.current && (!mode.endsWith('-job') || task.state !== 'complete'))
      .map((task) => ({ atMs, task }));
  });
  const over = new Map<string, Set<string>>();
  for (const { task } of seen) if (isOver(task)) addTo(over, task);
  const most = Math.max(0, ...[...over.values()].map((ids) => ids.size));
  if (most < crashesMax || longestLife(seen) >= aliveMs) return undefined;
  const last = seen.findLast(({ task }) => isOver(task))?.task;
  const how = last === undefined ? '' : `, last with ${endOf(last)}`;
  const message = `${name} ended ${String(most)} times${how}`;
  return { state: 'failed', cause: 'crash-loop', message };
}

const isOver = (task: SeenTask): boolean =>
  task.state === 'failed' ||
  task.state === 'complete' ||
  (task.state === 'rejected' && !isImageGone(task));

/** It was there when it was pulled: whether it exists is no question to the app any more. */
const isImageGone = ({ error = '' }: SeenTask): boolean => /no such image/i.test(error);

const endOf = ({ exitCode, error, outOfMemory }: SeenTask): string =>
  [
    exitCode === undefined ? 'no exit code' : `exit code ${String(exitCode)}`,
    ...(outOfMemory === true ? [', killed for want of memory'] : []),
    ...(error === undefined ? [] : [`: ${error}`]),
  ].join('');

/** From first to last sight of one task that ran. */
function longestLife(seen: readonly { readonly atMs: number; readonly task: SeenTask }[]): number {
  const since = new Map<string, number>();
  let longest = 0;
  for (const { atMs, task } of seen.filter((each) => each.task.state === 'running')) {
    const first = since.get(task.id) ?? atMs;
    since.set(task.id, first);
    longest = Math.max(longest, atMs - first);
  }
  return longest;
}

function addTo(all: Map<string, Set<string>>, { slot, id }: SeenTask): void {
  const ids = all.get(slot) ?? new Set();
  all.set(slot, ids.add(id));
}

function judgeTasks(asked: Asked, seen: SeenService): Judgement {
  const { name } = asked;
  const current = currentOf(seen);
  const live = seen.tasks.filter(({ state }) => !ended.has(state));
  if (seen.mode.endsWith('-job')) return judgeJob(asked, seen, current);
  if (seen.wanted === 0) {
    if (live.length > 0) return { state: 'pending', why: `${name} still has tasks` };
    return { state: 'up', identity: '', notes: [`scaled-to-zero: ${name} was not exercised`] };
  }
  const over = slotsOver(seen, current);
  if (over !== undefined) return judgeEnded(asked, over, seen.restart);
  const running = live.filter((task) => task.state === 'running' && task.current);
  return running.length === seen.wanted && live.length === running.length
    ? {
        state: 'up',
        identity: idsOf(running),
        notes: [
          ...(seen.update?.state === 'paused' ? [`update-paused: ${name}`] : []),
          ...crashNote(name, current),
        ],
      }
    : judgeWaiting(name, seen, live);
}

function judgeWaiting(name: string, seen: SeenService, live: readonly SeenTask[]): Judgement {
  const nowhere = live.find(({ error = '' }) => unplaceable.test(error));
  return nowhere === undefined
    ? { state: 'pending', why: `${name}: ${whyNot(seen, live)}`, ...blameFor(currentOf(seen)) }
    : { state: 'failed', cause: 'no-node', message: `${name}: ${nowhere.error ?? ''}` };
}

/** The constraint alone: one that lacks resources or a port as well may be placed later. */
const unplaceable = /^no suitable node \(scheduling constraints not satisfied on \d+ nodes?\)$/;

const beforeStart = new Set(['new', 'pending', 'assigned', 'accepted', 'preparing', 'ready']);

/** Nothing of the app has started yet: what is waited for are the registry, the disk, a place to run. */
function blameFor(current: readonly SeenTask[]): { readonly testbed?: WorldErrorCode } {
  const untried = current.every((task) => beforeStart.has(task.state) || isImageGone(task));
  if (current.length === 0 || !untried) return {};
  const errors = current.map(({ error = '' }) => error).join('\n');
  if (/port already in use/.test(errors)) return { testbed: 'resource-busy' };
  return { testbed: current.some(isImageGone) ? 'network' : 'timeout' };
}

const currentOf = ({ tasks }: SeenService): readonly SeenTask[] =>
  tasks.filter((task) => task.current);

const idsOf = (tasks: readonly SeenTask[]): string =>
  tasks
    .map(({ id }) => id)
    .sort()
    .join(',');

function crashNote(name: string, current: readonly SeenTask[]): readonly string[] {
  const count = current.filter(({ state }) => state === 'failed').length;
  return count === 0 ? [] : [`restarted: ${name} failed ${String(count)} times before it came up`];
}

/** The last current task of a slot that ended and has none to follow. */
function slotsOver(service: SeenService, current: readonly SeenTask[]): SeenTask | undefined {
  for (const tasks of grouped(current).values()) {
    const last = tasks.at(-1);
    if (last !== undefined && isLast(service, last, tasks.length)) return last;
  }
  return undefined;
}

/** One whose image went away was not tried: it is waited for until time is over. */
function isLast({ restart, attempts }: SeenService, task: SeenTask, tried: number): boolean {
  if (!ended.has(task.state) || task.state === 'shutdown' || isImageGone(task)) return false;
  const spent = attempts > 0 && tried > attempts;
  const content = restart === 'on-failure' && task.state === 'complete';
  return restart === 'none' || content || spent;
}

/**
 * A total order, since the engine lists tasks in any: oldest first, and of two from one moment the one that
 * lives last, because it is the one that followed.
 */
function byAge(a: SeenTask, b: SeenTask): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  const [aEnded, bEnded] = [ended.has(a.state), ended.has(b.state)];
  if (aEnded !== bEnded) return aEnded ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

/** By slot, oldest first. */
function grouped(tasks: readonly SeenTask[]): ReadonlyMap<string, readonly SeenTask[]> {
  const slots = new Map<string, SeenTask[]>();
  for (const task of tasks.toSorted(byAge))
    slots.set(task.slot, [...(slots.get(task.slot) ?? []), task]);
  return slots;
}

/** An end without a failure is wanted where the stack says that nothing is to follow, or the manifest does. */
function judgeEnded({ name, oneshot }: Asked, task: SeenTask, restart: string): Judgement {
  const code = task.exitCode ?? (task.state === 'complete' ? 0 : undefined);
  if (task.state === 'rejected')
    return { state: 'failed', cause: 'rejected', message: `${name}: ${task.error ?? 'rejected'}` };
  if (code === 0 && (oneshot.includes(name) || restart === 'none'))
    return { state: 'up', identity: `${task.id}/done`, notes: [`completed: ${name}`] };
  if (code === 0) {
    const message = `${name} ended with ${endOf(task)}; name it in \`oneshot\` if it should`;
    return { state: 'failed', cause: 'exited', message };
  }
  const cause = task.outOfMemory === true ? 'out-of-memory' : 'crash';
  return { state: 'failed', cause, message: `${name} ended with ${endOf(task)}` };
}

function judgeJob({ name }: Asked, seen: SeenService, current: readonly SeenTask[]): Judgement {
  const done = current.filter(({ state }) => state === 'complete');
  if (done.length >= seen.wanted)
    return { state: 'up', identity: `${idsOf(done)}/done`, notes: [`completed: ${name}`] };
  const over = slotsOver(seen, current);
  return over === undefined || over.state === 'complete'
    ? { state: 'pending', why: `${name}: ${String(done.length)} of ${String(seen.wanted)} done` }
    : {
        state: 'failed',
        cause: 'crash',
        message: `job ${name} failed: ${endOf(over)}`,
      };
}

function whyNot({ wanted, tasks, restart }: SeenService, live: readonly SeenTask[]): string {
  const states = live.map(({ state, current }) => (current ? state : `${state} (old)`));
  const errors = tasks.flatMap((task) => (task.error === undefined ? [] : [task]));
  const shown = states.length === 0 ? 'no task' : states.join(', ');
  const [last] = errors.toSorted(byAge).slice(-1);
  const done = tasks.filter(({ state, current }) => current && state === 'complete').length;
  return [
    `${shown} of ${String(wanted)} wanted`,
    ...(last === undefined ? [] : [`: ${endOf(last)}`]),
    ...(done === 0 || restart === 'none'
      ? []
      : [`; ended ${String(done)} times with exit code 0 and is restarted by its restart policy`]),
  ].join('');
}
