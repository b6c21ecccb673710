// Whether the status counts what is stored.

import { at, call, report } from './tool.ts';

const stored = 3;
const total = (json: unknown): number => Number(at(json, 'node_statistics', 'total_nodes'));

await report(async () => {
  const before = (await call('GET', '/api/memory/status')).json;
  for (let count = 0; count < stored; count += 1)
    await call('POST', '/api/memory/store', { body: { data: { count }, branch: 'probe' } });
  const after = (await call('GET', '/api/memory/status')).json;
  return { grown: total(after) - total(before), stored, before, after };
});
