// Which core services are registered, which are missing or not well, and which are only stand-ins.

import { call, report } from './tool.ts';

const expected = ['memory_system', 'plugin_manager', 'aetherra_engine'];

await report(async () => {
  const { json } = await call('GET', '/api/registry/status');
  const services = json['services'] as readonly Readonly<Record<string, string>>[];
  const names = services.map(({ name }) => name ?? '');
  const named = (found: readonly Readonly<Record<string, string>>[]) =>
    found.map(({ name }) => name);
  return {
    services: names,
    expected,
    missing: expected.filter((name) => !names.includes(name)),
    unhealthy: named(services.filter(({ status }) => status !== 'healthy')),
    status: json,
  };
});
