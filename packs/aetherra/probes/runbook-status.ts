// The kernel's status: whether it runs, and which queues are nearly full.

import { call, report } from './tool.ts';

const crowdedFrom = 0.8;

await report(async () => {
  const { json } = await call('GET', '/api/kernel/status');
  const sizes = json['queue_sizes'] as Readonly<Record<string, number>>;
  const limits = json['queue_limits'] as Readonly<Record<string, number>>;
  const crowded = Object.entries(sizes).filter(
    ([name, size]) => size > crowdedFrom * (limits[name] ?? 0),
  );
  const { running, paused, faults } = json;
  return {
    ...{ running, paused, faults },
    queues: Object.keys(sizes).length,
    crowded: crowded.map(([name]) => name),
  };
});
