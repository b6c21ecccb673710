import { expect, test } from 'vitest';
import { rewritePorts, type PortRules } from '../../../src/drivers/docker/rewrite-ports.ts';
import type { StackPort } from '../../../src/ports/stack.ts';

const published: readonly StackPort[] = [
  { target: 80, published: 8080 },
  { target: 53, published: 53, protocol: 'udp' },
  { target: 53, published: 53, protocol: 'tcp' },
  { target: 9 },
];

test.each<[string, PortRules, readonly StackPort[], PortRules]>([
  ['nothing said', {}, published, {}],
  ['a port that is kept', { '8080/tcp': 'keep' }, published, {}],
  [
    'a port that is leased anew',
    { '8080/tcp': 'auto' },
    [{ target: 80 }, ...published.slice(1)],
    { '8080/tcp': 'auto' },
  ],
  [
    'a port of one protocol that is left out',
    { '53/udp': 'drop' },
    published.filter(({ protocol }) => protocol !== 'udp'),
    { '53/udp': 'drop' },
  ],
  ['a port that nobody publishes', { '81/tcp': 'drop' }, published, {}],
])('%s', (_, rules, ports, rewritten) => {
  const stack = {
    name: 's',
    services: { app: { image: 'x', ports: published }, db: { image: 'y' } },
  };
  expect(rewritePorts(stack, rules)).toEqual({
    stack: { ...stack, services: { app: { image: 'x', ports }, db: { image: 'y' } } },
    rewritten,
  });
});
