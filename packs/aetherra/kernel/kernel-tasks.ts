// The kernel loop: tasks in three queues, the most urgent first, several at a time.

import { randomUUID } from 'node:crypto';
import type { DeadLetters } from './dead-letters.ts';
import { bearerOf, refusal, type Call, type Reply, type Route } from './http-route.ts';
import { isObject, textOf, type Json, type JsonObject } from './json.ts';
import type { Settings } from './read-settings.ts';
import { isSameSecret } from './same-secret.ts';

export type Worker = (data: JsonObject) => Promise<Json>;

type Queue = keyof Settings['queues'];
type Task = {
  readonly id: string;
  readonly trace: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly deadlineMs: number;
  state: 'queued' | 'running' | 'done' | 'failed' | 'expired';
  result: Json;
};

export type KernelTasks = {
  readonly routes: readonly Route[];
  readonly start: () => void;
  /** What still waits goes to the dead letters. */
  readonly drain: () => void;
  readonly sizes: () => Readonly<Record<Queue, number>>;
  readonly running: () => boolean;
  readonly cycles: () => number;
  /** Asked for since the start, those included that were not taken. */
  readonly total: () => number;
};

const queueNames = ['high_priority', 'normal_priority', 'background'] as const;
const atOnceMax = 16;
const keptMax = 10_000;
const plantedTasks = 900;

type Loop = {
  readonly settings: Settings;
  readonly letters: DeadLetters;
  readonly workers: Readonly<Record<string, Worker>>;
  readonly queues: Readonly<Record<Queue, Task[]>>;
  readonly tasks: Map<string, Task>;
  isOn: boolean;
  busy: number;
  cycles: number;
  total: number;
};

export function makeKernelTasks(
  settings: Settings,
  workers: Readonly<Record<string, Worker>>,
  letters: DeadLetters,
): KernelTasks {
  const queues = { high_priority: [], normal_priority: [], background: [] };
  const tasks = new Map<string, Task>();
  const loop: Loop = {
    ...{ settings, letters, workers, queues, tasks },
    ...{ isOn: false, busy: 0, cycles: 0, total: 0 },
  };
  return {
    routes: [
      { method: 'POST', path: '/api/kernel/tasks', answer: (call) => submit(call, loop) },
      { method: 'GET', path: '/api/kernel/tasks/*', answer: (call) => show(call, loop) },
    ],
    start: () => {
      loop.isOn = !settings.faults.has('kernel.stopped');
      if (settings.faults.has('kernel.queue-full')) fill(loop);
    },
    drain: () => {
      loop.isOn = false;
      for (const name of queueNames)
        for (const task of loop.queues[name].splice(0)) bury(task, `drain:${name}`, loop);
    },
    sizes: () => ({
      high_priority: loop.queues.high_priority.length,
      normal_priority: loop.queues.normal_priority.length,
      background: loop.queues.background.length,
    }),
    running: () => loop.isOn,
    cycles: () => loop.cycles,
    total: () => loop.total,
  };
}

/** The fault: background tasks that nobody takes. */
function fill({ queues }: Loop): void {
  for (let at = 0; at < plantedTasks; at += 1)
    queues.background.push(makeTask('aetherra_thought', {}, Infinity));
}

const makeTask = (type: string, data: JsonObject, deadlineMs: number): Task => ({
  ...{ id: randomUUID(), trace: randomUUID(), type, data, deadlineMs },
  ...{ state: 'queued', result: null },
});

const bury = ({ trace, type, data }: Task, reason: string, { letters }: Loop): void => {
  letters.add({ reason, trace_id: trace, type, data });
};

const isAllowed = (call: Call, { settings }: Loop): boolean =>
  isSameSecret(bearerOf(call), settings.controlToken);

function submit(call: Call, loop: Loop): Reply {
  if (!isAllowed(call, loop)) return refusal(403, 'forbidden');
  const { body } = call;
  const type = textOf(body['type']);
  if (!Object.hasOwn(loop.workers, type)) return refusal(400, 'unknown_type');
  const deadlineMs = deadlineOf(body);
  if (deadlineMs === undefined) return refusal(400, 'bad_deadline');
  const task = makeTask(type, isObject(body['data']) ? body['data'] : {}, deadlineMs);
  const name = queueOf(body['priority']);
  loop.total += 1;
  if (loop.queues[name].length >= loop.settings.queues[name]) {
    bury(task, `queue_full:${name}`, loop);
    return refusal(429, 'queue_full', { queue: name });
  }
  loop.queues[name].push(task);
  remember(task, loop);
  setImmediate(() => {
    turn(loop);
  });
  return { status: 202, json: { ok: true, task_id: task.id, trace_id: task.trace } };
}

function remember(task: Task, { tasks }: Loop): void {
  tasks.set(task.id, task);
  const [oldest] = tasks.keys();
  if (tasks.size > keptMax && oldest !== undefined) tasks.delete(oldest);
}

function queueOf(priority: Json | undefined): Queue {
  if (priority === 'high') return 'high_priority';
  return priority === 'background' || priority === 'low' ? 'background' : 'normal_priority';
}

/** Milliseconds since 1970; undefined for what is no time. */
function deadlineOf({ ttl_sec: ttl, deadline_ts: deadline }: JsonObject): number | undefined {
  if (ttl === undefined && deadline === undefined) return Infinity;
  if (typeof ttl === 'number' && ttl >= 0) return Date.now() + ttl * 1000;
  return typeof deadline === 'number' ? deadline * 1000 : undefined;
}

/** Takes as many tasks as may run at once. */
function turn(loop: Loop): void {
  loop.cycles += 1;
  while (loop.isOn && loop.busy < atOnceMax) {
    const task = queueNames.flatMap((name) => loop.queues[name].slice(0, 1))[0];
    if (task === undefined) return;
    for (const name of queueNames) if (loop.queues[name][0] === task) loop.queues[name].shift();
    void work(task, loop);
  }
}

async function work(task: Task, loop: Loop): Promise<void> {
  if (task.deadlineMs <= Date.now()) {
    task.state = 'expired';
    bury(task, 'expired', loop);
    return;
  }
  loop.busy += 1;
  task.state = 'running';
  try {
    task.result = (await loop.workers[task.type]?.(task.data)) ?? null;
    task.state = 'done';
  } catch (error) {
    task.state = 'failed';
    task.result = { error: error instanceof Error ? error.message : String(error) };
    bury(task, 'failed', loop);
  }
  loop.busy -= 1;
  turn(loop);
}

function show(call: Call, loop: Loop): Reply {
  if (!isAllowed(call, loop)) return refusal(403, 'forbidden');
  const task = loop.tasks.get(call.rest);
  if (task === undefined) return refusal(404, 'unknown_task');
  const { id, trace, type, state, result } = task;
  return { status: 200, json: { ok: true, task_id: id, trace_id: trace, type, state, result } };
}
