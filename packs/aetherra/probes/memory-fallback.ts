// Whether the hybrid mode goes on without its backend, and says that it does.

import { at, callOrNothing, report } from './tool.ts';

await report(async () => {
  const body = { data: { messages: ['Hi'] } };
  const stored = await callOrNothing('POST', '/api/memory/store', { body });
  const read = await callOrNothing('GET', `/api/memory/node/${String(stored.json['node'])}`);
  const { json } = await callOrNothing('GET', '/api/memory/status');
  const { mode, backend, degraded, reason } = json;
  const roundTrip = stored.status === 200 && at(read.json, 'data', 'messages', 0) === 'Hi';
  return { round_trip: roundTrip, mode, backend, degraded, reason: reason ?? null, status: json };
});
