// Where there is no proxy the apps of a run find each other on a network of their own; and the app, which is
// recorded last, is gone before what it needs begins to go.

import { expect, test } from 'vitest';

import { innerUrlOf, standInFor, withDomain } from '../../../src/drivers/docker/beside.ts';
import type { Engine } from '../../../src/drivers/docker/engine.ts';
import { type Instance, makeInstance } from '../../../src/drivers/docker/instance.ts';
import { removeResources } from '../../../src/drivers/docker/remove.ts';
import { systemClock } from '../../../src/drivers/clock.ts';
import type { Resource } from '../../../src/ports/app-driver.ts';
import type { Stack } from '../../../src/ports/stack.ts';

const settings = { health: { service: 'app' }, backup: {}, timeouts: {} };

const instanceOf = (name: string, dependency: boolean, earlier: readonly Instance[] = []) =>
  makeInstance(
    {} as never,
    {} as never,
    {
      run: 'r',
      app: name,
      instance: name,
      settings,
      ...(dependency ? { dependency } : {}),
    } as never,
    earlier,
  );

const stackOf = (name: string): Stack => ({
  name,
  domain: `${name}.example.org`,
  services: {
    app: { image: 'app', networks: { proxy: {}, inside: {} } },
    db: { image: 'db', networks: { inside: {} } },
  },
  networks: { proxy: { external: true }, inside: {} },
});

/** As `readStack` does where the engine has no proxy. */
function placed(instance: Instance, stack: Stack, proxied = false): Stack {
  const network = proxied ? { external: true } : standInFor(instance, stack, 'proxy');
  const made = withDomain(instance, { ...stack, networks: { ...stack.networks, proxy: network } });
  instance.state.way = { service: 'app', port: 8080 };
  instance.state.deployed = { stack: made, stage: 'head', release: {} as never };
  return made;
}

test('the first makes the network, the others join it, and dependencies have their domain on it', () => {
  const idp = instanceOf('idp', true);
  const mail = instanceOf('mail', true, [idp]);
  const shop = instanceOf('shop', false, [idp, mail]);
  const first = placed(idp, stackOf('idp'));
  expect(first.networks?.['proxy']).toEqual({});
  expect(first.services['app']?.networks).toEqual({
    proxy: { aliases: ['idp.example.org'] },
    inside: {},
  });
  expect(first.services['db']?.networks).toEqual({ inside: {} });
  const joined = { external: true, name: 'idp_proxy' };
  const second = placed(mail, stackOf('mail'));
  expect(second.networks?.['proxy']).toEqual(joined);
  expect(second.services['app']?.networks?.['proxy']).toEqual({ aliases: ['mail.example.org'] });
  const last = placed(shop, stackOf('shop'));
  expect(last.networks?.['proxy']).toEqual(joined);
  expect(last.services['app']?.networks?.['proxy']).toEqual({});
  expect([idp, mail, shop].map(innerUrlOf)).toEqual([
    ...['http://idp.example.org:8080', 'http://mail.example.org:8080', undefined],
  ]);
});

test('behind a proxy nothing is added, and the domain is the address', () => {
  const idp = instanceOf('idp', true);
  const stack = stackOf('idp');
  expect(placed(idp, stack, true)).toEqual(stack);
  expect(innerUrlOf(idp)).toBe('https://idp.example.org');
});

test('one that is on no network with others has no address for them', () => {
  const idp = instanceOf('idp', true);
  const alone = { ...stackOf('idp'), networks: { inside: {} } };
  idp.state.way = { service: 'db', port: 5432 };
  idp.state.deployed = { stack: alone, stage: 'head', release: {} as never };
  expect(innerUrlOf(idp)).toBeUndefined();
});

/** Networks of two instances, each of which goes when it is told to; what was asked is kept. */
function engineWith(networks: readonly { readonly name: string; readonly instance: string }[]) {
  const left = new Map(networks.map((each) => [each.name, each.instance]));
  const gone: string[] = [];
  const call: Engine['call'] = ({ method, path }) => {
    const [, kind = '', rest = ''] = /^\/(\w+)(.*)$/.exec(decodeURIComponent(path)) ?? [];
    if (method === 'DELETE') {
      gone.push(`${kind} ${rest.slice(1)}`);
      left.delete(rest.slice(1));
      return Promise.resolve({ status: 204, value: null });
    }
    const wanted = /seatrial\.instance=([\w-]+)/.exec(rest)?.[1];
    const found = [...left]
      .filter(([, instance]) => wanted === undefined || wanted === instance)
      .map(([Name]) => ({ Name, Id: Name, Labels: { 'seatrial.run': 'r' } }));
    const values: Record<string, unknown> = { networks: found, volumes: { Volumes: [] } };
    const value =
      kind === 'info' ? { Swarm: { LocalNodeState: 'inactive' } } : (values[kind] ?? []);
    return Promise.resolve({ status: 200, value: value as never });
  };
  return { gone, engine: { call } as unknown as Engine };
}

test('what was deployed last goes first, and all of it', async () => {
  const made = [
    { name: 'idp_proxy', instance: 'idp' },
    { name: 'mail_inside', instance: 'mail' },
    { name: 'shop_inside', instance: 'shop' },
  ];
  const { gone, engine } = engineWith(made);
  const resources = made.map(({ name, instance }): Resource => ({
    kind: 'network',
    name,
    undo: { run: 'r', instance },
  }));
  const options = { clock: systemClock, graceMs: 0 };
  const removed = await removeResources(engine, resources.toReversed(), options);
  expect(gone).toEqual(['networks shop_inside', 'networks mail_inside', 'networks idp_proxy']);
  expect(removed.map(({ outcome }) => outcome)).toEqual(['removed', 'removed', 'removed']);
});
