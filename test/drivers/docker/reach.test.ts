import { expect, test } from 'vitest';

import type { Instance } from '../../../src/drivers/docker/instance.ts';
import { findWay, urlOf } from '../../../src/drivers/docker/reach.ts';
import type { StackService } from '../../../src/ports/stack.ts';

/** An engine of whose images one exposes a port. */
const instance = {
  engine: {
    call: ({ path }: { readonly path: string }) =>
      Promise.resolve(
        path.includes('exposing')
          ? { status: 200, value: { Id: 'i', Config: { ExposedPorts: { '9000/tcp': {} } } } }
          : { status: 404, value: {} },
      ),
  },
  settings: { health: { service: 'app', scheme: 'https' } },
} as unknown as Instance;

const routed: StackService = {
  image: 'web',
  deploy: { labels: { 'traefik.http.services.n.loadbalancer.server.port': '81' } },
};
const labels = (name: string, port: number) => ({
  [`traefik.http.services.${name}.loadbalancer.server.port`]: String(port),
});
const behind = (name: string, port: number, rule?: string): StackService => ({
  image: name,
  deploy: {
    labels: {
      ...labels(name, port),
      ...(rule === undefined ? {} : { [`traefik.http.routers.${name}.rule`]: rule }),
    },
  },
});
const published: StackService = { image: 'app', ports: [{ target: 80 }] };

test.each<[string, Readonly<Record<string, StackService>>, object | undefined]>([
  ['app, which says its port', { app: published, web: routed }, { service: 'app', port: 80 }],
  [
    'what stands in front of it',
    { app: { image: 'app' }, web: routed },
    { service: 'web', port: 81 },
  ],
  ['what stands for it', { web: routed, db: { image: 'db' } }, { service: 'web', port: 81 }],
  [
    'the one of several that has the name of the stack',
    { app: { image: 'app' }, admin: behind('n_admin', 82), web: routed },
    { service: 'web', port: 81 },
  ],
  [
    'else the one that has the domain for itself',
    {
      admin: behind('a', 82, 'Host(`n.example.org`) && PathPrefix(`/admin`)'),
      web: behind('w', 83, 'Host(`n.example.org`)'),
    },
    { service: 'web', port: 83 },
  ],
  [
    'the port of the stack among several of a service',
    {
      app: {
        image: 'app',
        deploy: { labels: { ...labels('console', 9001), ...labels('n', 9000) } },
      },
    },
    { service: 'app', port: 9000 },
  ],
  [
    'what stands in front of one whose image exposes a port',
    { app: { image: 'exposing' }, web: routed },
    { service: 'web', port: 81 },
  ],
  [
    'who exposes a port, where nobody says one',
    { app: { image: 'exposing' }, db: { image: 'db' } },
    { service: 'app', port: 9000 },
  ],
  ['nobody who says no port', { app: { image: 'app' }, db: { image: 'db' } }, undefined],
])('asks %s', async (_, services, want) => {
  const way = await findWay(instance, { name: 'n', domain: 'n.example.org', services });
  if (want === undefined) expect(way).toBeUndefined();
  else expect(way).toMatchObject(want);
});

/** The way to a service that publishes a port of the engine's machine. */
async function urlAt(target: number, scheme: string | undefined, more: Partial<StackService> = {}) {
  const app: StackService = { image: 'app', ports: [{ target }], ...more };
  const stack = { name: 'n', services: { app } };
  const asked = { service: 'app', ...(scheme === undefined ? {} : { scheme }) };
  const there = { ...instance, settings: { health: asked } } as Instance;
  const ports = { [`app/${String(target)}/tcp`]: 2000 };
  const way = await findWay(there, stack);
  return urlOf({
    ...there,
    state: { deployed: { stack }, ports, address: '127.0.0.1', way },
  } as unknown as Instance);
}

const encrypted = {
  deploy: { labels: { 'traefik.http.services.n.loadbalancer.server.scheme': 'https' } },
};

test.each([
  ['plain, as most do', urlAt(8080, undefined), 'http'],
  ['encrypted, by its number', urlAt(443, undefined), 'https'],
  ['encrypted, as the proxy is told', urlAt(8080, undefined, encrypted), 'https'],
  ['as the manifest says', urlAt(443, 'http', encrypted), 'http'],
  ['as the manifest says, too', urlAt(8080, 'https'), 'https'],
])('a published port speaks %s', async (_, url, scheme) => {
  expect(await url).toBe(`${scheme}://127.0.0.1:2000`);
});
