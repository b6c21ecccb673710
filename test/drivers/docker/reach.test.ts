import { expect, test } from 'vitest';

import type { Instance } from '../../../src/drivers/docker/instance.ts';
import { findWay } from '../../../src/drivers/docker/reach.ts';
import type { StackService } from '../../../src/ports/stack.ts';

/** An engine whose images expose no port. */
const instance = {
  engine: { call: () => Promise.resolve({ status: 404, value: {} }) },
  settings: { health: { service: 'app', scheme: 'https' } },
} as unknown as Instance;

const routed: StackService = {
  image: 'web',
  deploy: { labels: { 'traefik.http.services.n.loadbalancer.server.port': '81' } },
};
const published: StackService = { image: 'app', ports: [{ target: 80 }] };

test.each<[string, Readonly<Record<string, StackService>>, object | undefined]>([
  ['app, which says its port', { app: published, web: routed }, { service: 'app', port: 80 }],
  [
    'what stands in front of it',
    { app: { image: 'app' }, web: routed },
    { service: 'web', port: 81 },
  ],
  ['what stands for it', { web: routed, db: { image: 'db' } }, { service: 'web', port: 81 }],
  ['nobody who says no port', { app: { image: 'app' }, db: { image: 'db' } }, undefined],
])('asks %s', async (_, services, want) => {
  const way = await findWay(instance, { name: 'n', services });
  if (want === undefined) expect(way).toBeUndefined();
  else expect(way).toMatchObject(want);
});
