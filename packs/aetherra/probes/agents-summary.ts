// Whether the summary follows what the agents are given to do.

import { at, call, report } from './tool.ts';

const headers = { 'x-aetherra-token': process.env['AETHERRA_AGENTS_API_TOKEN'] ?? '' };

await report(async () => {
  const before = await call('GET', '/api/agents', { headers });
  const body = { agent: 'planner', work_ms: 30_000 };
  const task = await call('POST', '/api/tasks', { headers, body });
  const shown = await call('GET', `/api/tasks/${String(task.json['task_id'])}`, { headers });
  const after = await call('GET', '/api/agents', { headers });
  const pending = ({ json }: typeof before) => Number(at(json, 'orchestrator', 'pending_tasks'));
  return {
    status: after.status,
    ok: after.json['ok'],
    summary: after.json['orchestrator'],
    grown: pending(after) - pending(before),
    task_state: shown.json['state'],
  };
});
