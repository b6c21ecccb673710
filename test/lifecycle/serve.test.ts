import { expect, test } from 'vitest';
import type { OperationFacts } from '../../src/checks/facts.ts';
import { judgeServing } from '../../src/checks/floor-deploy.ts';
import { systemIds } from '../../src/drivers/ids.ts';
import type { HttpRequest, HttpResponse } from '../../src/ports/http.ts';
import type { Snapshot } from '../../src/ports/app-driver.ts';
import { WorldError } from '../../src/ports/world-error.ts';
import { serve } from '../../src/lifecycle/serve.ts';
import type { Session } from '../../src/lifecycle/session.ts';
import { manifestOf, never } from './harness.ts';
import { makeIdleClock } from './idle-clock.ts';

type Answer = Partial<HttpResponse> | 'no answer';

const answerOf = (answer: Answer): Promise<HttpResponse> =>
  answer === 'no answer'
    ? Promise.reject(new WorldError('network', 'no answer'))
    : Promise.resolve({
        ...{ status: 200, headers: {}, truncated: false, durationMs: 1 },
        body: new TextEncoder().encode('shop 1.1.0'),
        ...answer,
      });

const snapshot = (own: boolean): Snapshot => ({
  ...{ services: {}, volumes: [], facts: {} },
  listeners: [{ port: 80, own, holder: 'someone' }],
});

/** The last answer is given from then on. */
async function asked(answers: readonly Answer[], more = '', signal = never) {
  const clock = makeIdleClock();
  let requests = 0;
  const request = (): Promise<HttpResponse> => {
    const answer = answers[Math.min(requests, answers.length - 1)] ?? 'no answer';
    requests += 1;
    return answerOf(answer);
  };
  const session = {
    world: { clock, http: { request } },
    manifest: manifestOf(more),
    memory: { deployment: { url: () => 'http://shop.invalid' } },
  } as unknown as Session;
  const facts = await serve(session, snapshot(true), signal);
  return { facts, requests, clock };
}

const fine: Answer = {};
const broken: Answer = { status: 500 };
const to = (location: string): Answer => ({ status: 302, headers: { location } });

test.each<[string, readonly Answer[], number, number]>([
  ['three good answers', [fine], 3, 3],
  ['it comes up late', ['no answer', broken, fine], 3, 5],
  ['one bad answer between', [fine, fine, broken, fine], 3, 6],
  ['a redirect within the app', [to('/login')], 3, 3],
])('%s', async (_what, answers, goodInARow, requests) => {
  const seen = await asked(answers);
  expect(seen.facts).toMatchObject({ goodInARow, ownListener: true });
  expect(seen.requests).toBe(requests);
});

test.each<[string, Answer]>([
  ['no answer at all', 'no answer'],
  ['always an error', broken],
  ['an empty page', { body: new Uint8Array() }],
  ['a redirect to another host', to('https://elsewhere.example/')],
  ['a redirect that cannot be read', to('http://[')],
])('FG-09: %s: asked until its time is over', async (_what, answer) => {
  const { facts, clock } = await asked([answer]);
  expect(facts?.goodInARow).toBe(0);
  expect(facts?.attempts).toHaveLength(5);
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(5_000);
  expect(clock.monotonicMs()).toBeLessThan(6_000);
});

test('what the page must hold is looked for', async () => {
  const with_ = async (text: string) =>
    (await asked([fine], `health: { contains: ${text} }`)).facts;
  expect((await with_('shop'))?.goodInARow).toBe(3);
  expect((await with_('garage'))?.goodInARow).toBe(0);
});

const noHttp = 'health: { none: it is a worker without HTTP }\nprobes: [{ log: ready }]';

test('an app without HTTP is not asked', async () => {
  const { facts, requests } = await asked([fine], noHttp);
  expect(facts).toBeUndefined();
  expect(requests).toBe(0);
});

test('a run that is stopped stops asking', async () => {
  const { requests } = await asked(['no answer'], '', AbortSignal.abort());
  expect(requests).toBe(1);
});

const domain = 'shop.worker.test';
const proxy = { address: '10.0.0.1', port: 443 };

/** An app behind a proxy: what its host is told there, what others are, and what the task says. */
async function behindProxy(at: Readonly<Record<'app' | 'strangers' | 'task', Answer>>) {
  const asked: HttpRequest[] = [];
  const request = (order: HttpRequest): Promise<HttpResponse> => {
    asked.push(order);
    if (order.through === undefined) return answerOf(at.task);
    return answerOf(order.url === `https://${domain}/` ? at.app : at.strangers);
  };
  const ingress = () => ({ proxy, task: 'http://127.0.0.1:9' });
  const session = {
    world: { clock: makeIdleClock(), http: { request }, ids: systemIds },
    manifest: manifestOf(),
    memory: { deployment: { url: () => 'http://past.invalid', domain: () => domain, ingress } },
  } as unknown as Session;
  const facts = await serve(session, snapshot(true), never);
  return { facts, asked };
}

const lost: Answer = { status: 404, body: new TextEncoder().encode('no such host') };

test('an app behind a proxy is asked for by its host, between two hosts that nobody has', async () => {
  const { facts, asked } = await behindProxy({ app: fine, strangers: lost, task: fine });
  expect(facts).toMatchObject({ goodInARow: 3, url: `https://${domain}/` });
  const [one, own, other, inside] = asked;
  expect(asked).toHaveLength(12);
  for (const stranger of [one, other])
    expect(new URL(stranger?.url ?? '').hostname).toMatch(/^nobody-[0-9a-f]{16}\.worker\.test$/);
  expect(one?.url).not.toBe(other?.url);
  expect([one, own, other].map((each) => each?.through)).toEqual([proxy, proxy, proxy]);
  expect(inside).toMatchObject({
    url: 'http://127.0.0.1:9/',
    headers: { host: domain, 'x-forwarded-proto': 'https' },
  });
});

test('FG-09: a page that repeats its host is the proxy’s own all the same', async () => {
  const clock = makeIdleClock();
  const request = ({ url }: HttpRequest): Promise<HttpResponse> =>
    answerOf({ body: new TextEncoder().encode(`nothing at ${new URL(url).hostname} yet`) });
  const session = {
    world: { clock, http: { request }, ids: systemIds },
    manifest: manifestOf(),
    memory: {
      deployment: { url: () => undefined, domain: () => domain, ingress: () => ({ proxy }) },
    },
  } as unknown as Session;
  const serving = await serve(session, snapshot(true), never);
  expect(serving?.goodInARow).toBe(0);
  expect(judgeServing({ serving } as OperationFacts)).toMatchObject({
    verdict: 'failed',
    message: expect.stringContaining('proxy itself says') as string,
  });
});

test('FG-10: another app that answers for this one', async () => {
  const { facts } = await behindProxy({ app: fine, strangers: lost, task: to('/login') });
  expect(judgeServing({ serving: facts } as OperationFacts).verdict).toBe('inconclusive');
});
