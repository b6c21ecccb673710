// Rows of the failure table of Co-op Cloud about whose answer comes through the worker's proxy. They take an engine
// with a proxy, so they run in `npm run acceptance:coop-cloud` alone.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { RunState } from '../../../../src/evidence/run-state.ts';
import { canStartEngines } from '../../../drivers/docker/private-engine.ts';
import { leftOf, removeRealApps, start } from '../../../lifecycle/real-run.ts';
import { busybox, idle, labelled, makeRecipeApp, newestState } from './recipe-app.ts';
import { openWorker, type ProxyFault, type Worker } from './worker-proxy.ts';

const timeout = 400_000;
const accepting = process.env['SEATRIAL_ACCEPT'] === 'all' && canStartEngines;

const routed = [
  'traefik.enable=true',
  'traefik.http.routers.${STACK_NAME}.rule=Host(`${DOMAIN}`)',
  'traefik.http.services.${STACK_NAME}.loadbalancer.server.port=8080',
];
const onProxy = (
  service: string,
  labels: readonly string[],
  version = '1.0.0',
): string => `${service}
    networks: [proxy]
    environment: ["RELEASE=${version}"]
    deploy:${labelled(version, ...labels)}`;
const answering = `${busybox}
    command: ["sh", "-c", "mkdir -p /www/sub; echo ours > /www/index.html; exec httpd -f -p 8080 -h /www"]`;
const more = 'networks:\n  proxy: { external: true }\n';
const app = onProxy(answering, routed);
const down = onProxy(idle, routed);

let worker: Worker;

type Planted = {
  readonly base?: string;
  readonly head?: string;
  readonly health?: string;
  /** The last operation; default `upgrade` where there is a head, else `install`. */
  readonly last?: string;
  readonly proxy?: ProxyFault | Readonly<Record<string, string>>;
};

/** Judges head against base, or base alone; gives what serving came to after the last of them. */
async function judged(
  code: number,
  { base = app, head, health = '{ path: / }', proxy = {}, ...asked }: Planted,
) {
  const { host } = worker;
  const options = { base: { app: base }, ...(head === undefined ? {} : { head: { app: head } }) };
  const made = await makeRecipeApp('fgi', {
    ...options,
    more,
    manifest: `health: ${health}\n`,
    host,
  });
  const named = 'SEATRIAL_INGRESS' in proxy ? proxy : await worker.proxy(proxy);
  const { last = head === undefined ? 'install' : 'upgrade' } = asked;
  const real = { ...made, env: { ...made.env, ...named } };
  const { code: was, err, out } = await start(real, ['run', '--ops', last]).ended;
  expect(was, `${err}${out}`.slice(-1500)).toBe(code);
  const state = await newestState(real);
  expect(await leftOf(real, state)).toEqual([]);
  return checkOf(state, `floor.${last}.serving`);
}

const checkOf = (state: RunState | undefined, id: string) =>
  state?.checks.find((check) => check.id === id);

const failing: readonly (readonly [string, Planted, RegExp])[] = [
  ['the app is down, the proxy says 404', { base: down }, /404, .*the proxy itself says/],
  [
    'the app is down, the proxy says 200',
    { base: down, proxy: { fallback: 200 } },
    /200, .*the proxy itself says/,
  ],
  [
    'the app is down, the proxy has a page for that',
    { base: down, proxy: { maintenance: true } },
    /nothing answers in the task/,
  ],
  [
    'the proxy shows its default certificate',
    { proxy: { certificate: 'default' } },
    /certificate shown for \S+ is self-signed/,
  ],
  [
    'head has lost its way through the proxy',
    { head: onProxy(answering, [], '1.1.0') },
    /404, .*the proxy itself says/,
  ],
  [
    'head has left the network of the proxy',
    { head: onProxy(answering, routed, '1.1.0').replace('networks: [proxy]', '') },
    /404, .*the proxy itself says/,
  ],
];

describe.skipIf(!accepting).concurrent('behind the proxy of a worker', () => {
  beforeAll(async () => {
    worker = await openWorker();
  }, timeout);
  afterAll(async () => {
    await removeRealApps();
    await worker.remove();
  }, timeout);

  test(
    'FG-09: the app itself answers there, before and after its upgrade and rebuilt',
    { timeout },
    async () => {
      const head = onProxy(answering, routed, '1.1.0');
      expect(
        await judged(0, { head, health: '{ contains: ours }', last: 'rebuild' }),
      ).toMatchObject({
        verdict: 'passed',
        message: expect.stringMatching(/^https:.*through the proxy.*as the task does/) as string,
      });
    },
  );

  test.each(failing)('FG-09: %s', { timeout }, async (_, planted, says) => {
    expect(await judged(1, planted)).toMatchObject({
      verdict: 'failed',
      message: expect.stringMatching(says) as string,
    });
  });

  test('FG-10: another stack answers at the host of this one', { timeout }, async () => {
    const proxy = { insteadOf: 'theirs_app' } as const;
    expect(await judged(3, { proxy, health: '{ path: /sub }' })).toMatchObject({
      verdict: 'inconclusive',
      message: expect.stringContaining('another app may answer') as string,
    });
  });

  test('FG-09: a proxy that is not to be had is no fault of the app', { timeout }, async () => {
    const named = { ...(await worker.proxy()), SEATRIAL_INGRESS: 'https://127.0.0.1:1' };
    expect(await judged(3, { proxy: named })).toMatchObject({
      verdict: 'error',
      message: expect.stringContaining('answers for no host') as string,
    });
  });
});
