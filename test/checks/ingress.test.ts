import { expect, test } from 'vitest';

import type { IngressFacts, ProxyAnswer, Unanswered } from '../../src/checks/facts.ts';
import { ingressTrouble } from '../../src/checks/ingress.ts';

const answer = (
  status: number,
  body: string,
  headers: Record<string, string> = {},
): ProxyAnswer => ({
  status,
  bodySha256: body,
  headers: { server: 'proxy', ...headers },
});
const nobody: Unanswered = { error: 'connection refused' };
const distrusted: Unanswered = { error: 'the certificate is self-signed', untrusted: true };
const page = answer(404, 'no such host');
const welcome = answer(200, 'welcome');
const fine: IngressFacts = {
  app: answer(200, 'shop'),
  strangers: [page, page],
  task: { status: 200 },
};

test.each<[string, Partial<IngressFacts>]>([
  ['as the task says', {}],
  ['of the same class as the task’s', { task: { status: 204 } }],
  ['where no way leads into the task', { task: undefined as never }],
  ['from a task that encrypts for itself', { task: distrusted }],
  ['unlike the page for hosts that nobody has', { strangers: [welcome, welcome] }],
  [
    'with the words of that page and other headers',
    { app: answer(200, 'welcome', { powered: 'shop' }), strangers: [welcome, welcome] },
  ],
  [
    'with one header less than that page',
    {
      app: welcome,
      strangers: [answer(200, 'welcome', { via: 'p' }), answer(200, 'welcome', { via: 'p' })],
    },
  ],
])('an answer counts: %s', (_, facts) => {
  expect(ingressTrouble({ ...fine, ...facts }, undefined)).toBeUndefined();
});

/** Each is a fault planted into an answer that is fine. */
test.each<[string, string, Partial<IngressFacts>, RegExp]>([
  ['FG-09: the app is down, the proxy says 404', 'failed', { app: page }, /proxy itself says/],
  [
    'FG-09: the app is down, the proxy says 200',
    'failed',
    { app: welcome, strangers: [welcome, welcome] },
    /word for word/,
  ],
  [
    'FG-09: the same, and a header differs with every request',
    'failed',
    {
      app: answer(200, 'welcome', { id: '2' }),
      strangers: [answer(200, 'welcome', { id: '1' }), answer(200, 'welcome', { id: '3' })],
    },
    /word for word/,
  ],
  [
    'FG-09: a page that is another one each time',
    'inconclusive',
    { app: answer(200, 'w2'), strangers: [answer(200, 'w1'), answer(200, 'w3')] },
    /its own page changes/,
  ],
  [
    'FG-09: a page of the proxy for the app alone',
    'failed',
    { task: nobody },
    /nothing answers in the task/,
  ],
  [
    'FG-09: a certificate that does not hold',
    'failed',
    { app: distrusted, strangers: [distrusted, distrusted] },
    /self-signed/,
  ],
  ['FG-09: the same where the proxy has no other', 'failed', { app: distrusted }, /self-signed/],
  [
    'FG-10: another app answers otherwise',
    'inconclusive',
    { task: { status: 302 } },
    /another app/,
  ],
  [
    'the proxy is not to be had',
    'error',
    { app: nobody, strangers: [nobody, nobody] },
    /answers for no host/,
  ],
  ['the proxy breaks off for the app alone', 'failed', { app: nobody }, /refused/],
  [
    'the proxy shows strangers a certificate that does not hold',
    'error',
    { strangers: [distrusted, distrusted] },
    /is unknown/,
  ],
  [
    'the proxy answers one stranger and not the next',
    'error',
    { strangers: [page, nobody] },
    /is unknown/,
  ],
  [
    'the proxy answers strangers in two ways',
    'error',
    { strangers: [page, answer(503, 'later')] },
    /404 .* 503/,
  ],
])('%s: %s', (_, verdict, facts, says) => {
  expect(ingressTrouble({ ...fine, ...facts }, undefined)).toMatchObject({
    verdict,
    message: expect.stringMatching(says) as string,
  });
});

test('what is wrong with the app’s own answer is told before what is wrong with the proxy', () => {
  const bad = { verdict: 'failed', message: 'status 500' } as const;
  expect(ingressTrouble({ ...fine, strangers: [nobody, nobody] }, bad)).toBe(bad);
});
