// Whether every service's heartbeat moves on.

import { call, pause, report } from './tool.ts';

const waitMs = 3000;

async function beats(): Promise<ReadonlyMap<string, number>> {
  const { json } = await call('GET', '/api/registry/status');
  const services = json['services'] as readonly { name: string; heartbeat: number }[];
  return new Map(services.map(({ name, heartbeat }) => [name, heartbeat]));
}

await report(async () => {
  const before = await beats();
  const until = performance.now() + waitMs;
  for (;;) {
    const now = await beats();
    const frozen = [...before].filter(([name, beat]) => (now.get(name) ?? 0) <= beat);
    if (frozen.length === 0 || performance.now() > until)
      return { services: before.size, frozen: frozen.map(([name]) => name) };
    await pause(20);
  }
});
