// What every path and method of the agents' interface answers while it is off.

import { call, report } from './tool.ts';

const paths = ['/api/agents', '/api/agents/planner', '/api/tasks', '/api/tasks/1'];
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const refusals = [501, 403];

await report(async () => {
  const asked = methods.flatMap((method) => paths.map((path) => ({ method, path })));
  const answers = await Promise.all(
    asked.map(async ({ method, path }) => {
      const { status, text } = await call(method, path);
      return {
        what: `${method} ${path}`,
        status,
        tells: /total_agents|pending|task_id/u.test(text),
      };
    }),
  );
  return {
    asked: answers.length,
    status: answers[0]?.status,
    open: answers.filter(({ status }) => !refusals.includes(status)).map(({ what }) => what),
    telling: answers.filter(({ tells }) => tells).map(({ what }) => what),
  };
});
