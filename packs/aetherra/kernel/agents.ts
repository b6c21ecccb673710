// Agents and their tasks. Off unless switched on; with a token unless that is switched off.

import { randomUUID } from 'node:crypto';
import { headerOf, refusal, type Call, type Reply, type Route } from './http-route.ts';
import { textOf, type JsonObject } from './json.ts';
import type { Settings } from './read-settings.ts';
import { isSameSecret } from './same-secret.ts';

const agents = ['planner', 'researcher', 'reviewer'] as const;
const workMsDefault = 250;
const workMsMax = 60_000;

type AgentTask = { readonly id: string; readonly agent: string; state: 'pending' | 'done' };

export function makeAgents(settings: Settings): readonly Route[] {
  const tasks = new Map<string, AgentTask>();
  const guarded =
    (answer: (call: Call) => Reply) =>
    (call: Call): Reply =>
      whyNot(call, settings, summary(tasks, settings)) ?? answer(call);
  const show = guarded(({ rest }) => {
    const task = tasks.get(rest);
    return task === undefined
      ? refusal(404, 'unknown_task')
      : { status: 200, json: { ok: true, ...task } };
  });
  const create = guarded(({ body }) => addTask(body, tasks));
  const list = guarded(() => ({
    status: 200,
    json: { ok: true, orchestrator: summary(tasks, settings) },
  }));
  const none = guarded(() => refusal(405, 'method_not_allowed'));
  return [
    { method: 'GET', path: '/api/agents', answer: list },
    { method: 'POST', path: '/api/tasks', answer: create },
    { method: 'GET', path: '/api/tasks/*', answer: show },
    // Any other way of asking meets the same posture, and learns nothing while the feature is off.
    ...['/api/agents', '/api/agents/*', '/api/tasks', '/api/tasks/*'].map((path) => ({
      method: '*',
      path,
      answer: none,
    })),
  ];
}

function addTask(body: JsonObject, tasks: Map<string, AgentTask>): Reply {
  const ms = typeof body['work_ms'] === 'number' ? body['work_ms'] : workMsDefault;
  const task: AgentTask = {
    id: randomUUID(),
    agent: textOf(body['agent'], agents[tasks.size % agents.length]),
    state: 'pending',
  };
  tasks.set(task.id, task);
  setTimeout(
    () => {
      task.state = 'done';
    },
    Math.min(ms, workMsMax),
  ).unref();
  return { status: 202, json: { ok: true, task_id: task.id } };
}

function summary(tasks: ReadonlyMap<string, AgentTask>, { faults }: Settings): JsonObject {
  const pending = [...tasks.values()].filter(({ state }) => state === 'pending').length;
  return {
    total_agents: agents.length,
    pending_tasks: faults.has('agents.summary-static') ? 0 : pending,
  };
}

/** The refusal; undefined when the call may go on. */
function whyNot(call: Call, settings: Settings, orchestrator: JsonObject): Reply | undefined {
  const { faults } = settings;
  const { enabled, requireToken } = settings.agents;
  if (!enabled && !faults.has('agents.open-by-default')) {
    const leaked = faults.has('agents.disabled-leaks') ? { orchestrator } : {};
    return refusal(faults.has('agents.disabled-200') ? 200 : 501, 'disabled', leaked);
  }
  if (!enabled || !requireToken) return undefined;
  return isTokenRight(call, settings) ? undefined : refusal(403, 'forbidden');
}

function isTokenRight(call: Call, { agents: { token }, faults }: Settings): boolean {
  const given =
    headerOf(call, 'x-aetherra-token') ??
    (faults.has('agents.token-in-query') ? (call.query.get('token') ?? '') : '');
  if (token === '') return faults.has('agents.unset-token-open');
  if (given === '') return faults.has('agents.no-token-passes');
  if (faults.has('agents.any-token')) return true;
  if (faults.has('agents.token-prefix') && token.startsWith(given)) return true;
  return isSameSecret(given, token);
}
