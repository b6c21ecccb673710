import { expect, test } from 'vitest';

import { assertProxyNamed, ingressOf, throughProxy } from '../../../src/drivers/docker/ingress.ts';
import type { Instance } from '../../../src/drivers/docker/instance.ts';
import type { StackNetwork } from '../../../src/ports/stack.ts';

const proxy = { address: '10.0.0.1', port: 443 };
const shared = { proxy: { external: true } };

type Given = {
  readonly via?: string;
  readonly named?: boolean;
  readonly networks?: Readonly<Record<string, StackNetwork>>;
  readonly missing?: readonly string[];
  readonly before?: boolean;
  readonly kind?: 'compose' | 'abra';
};

const instanceOf = ({
  via,
  named = true,
  networks = shared,
  missing = [],
  before = false,
}: Given) =>
  ({
    options: named ? { ingress: proxy } : {},
    settings: { health: { service: 'app', ...(via === undefined ? {} : { via }) } },
    state: {
      deployed: { stack: { name: 'n', domain: 'n.worker.test', services: {}, networks } },
      missingNetworks: new Set(missing),
      throughProxy: before,
    },
  }) as unknown as Instance;

test.each<[string, boolean, Given]>([
  ['a stack on the network of the proxy', true, {}],
  [
    'the same under a key of its own',
    true,
    { networks: { web: { external: true, name: 'proxy' } } },
  ],
  ['on a host that names no proxy', false, { named: false }],
  ['on an engine without that network', false, { networks: { proxy: {} }, missing: ['proxy'] }],
  ['a stack that is not on it', false, { networks: { web: { external: true } } }],
  ['a head that left it', true, { networks: {}, before: true }],
  ['where the manifest says so', true, { via: 'ingress', networks: {} }],
  ['where the manifest says another way', false, { via: 'task' }],
  ['the published port', false, { via: 'published' }],
  ['what abra deploys', true, { kind: 'abra' }],
  ['what Compose runs', false, { kind: 'compose' }],
  ['the same where the manifest says so', true, { kind: 'compose', via: 'ingress' }],
])('%s is asked through the proxy: %s', (_, want, given) => {
  const { kind = 'swarm' } = given;
  expect(throughProxy(instanceOf(given), { kind })).toBe(want);
});

test.each<[string, () => unknown, RegExp]>([
  [
    'an engine that has no such network',
    () => throughProxy(instanceOf({ via: 'ingress', missing: ['proxy'] }), { kind: 'swarm' }),
    /no network proxy/,
  ],
  [
    'a host that names no proxy',
    () => {
      assertProxyNamed(instanceOf({ via: 'ingress', named: false }));
    },
    /names no proxy/,
  ],
])('a route that was asked for is refused on %s', (_, ask, says) => {
  expect(ask).toThrow(says);
});

test.each<[string, object, string | undefined]>([
  [
    'by the way into the task',
    { relay: { port: 7 }, way: { service: 'app', port: 80 } },
    'http://127.0.0.1:7',
  ],
  [
    'encrypted, as the proxy is told',
    { relay: { port: 7 }, way: { scheme: 'https' } },
    'https://127.0.0.1:7',
  ],
  ['not where that is no HTTP of ours', { relay: { port: 7 }, way: { scheme: 'h2c' } }, undefined],
  ['not where nothing leads there', {}, undefined],
])('the task is asked beside it: %s', (_, state, task) => {
  const given = instanceOf({ before: true });
  const there = { ...given, state: { ...given.state, ...state } } as Instance;
  expect(ingressOf(there)).toEqual({ proxy, ...(task === undefined ? {} : { task }) });
});
