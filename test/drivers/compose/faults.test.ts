// What goes wrong with Compose on a real engine: each row plants a fault, and the right check must go
// red for it, `failed` where it is the app's and `error` where it is the testbed's.

import { describe, expect, it } from 'vitest';

import { composeOrchestrator } from '../../../src/drivers/compose/orchestrator.ts';
import { engineHost } from '../docker/engine-here.ts';
import { openFaulty, perform } from '../docker/faulty.ts';
import { type Plan, runs, smallStack } from '../docker/small-stack.ts';

const settling = { settleMs: 1000, timeoutMs: 15_000 };
/** For what never comes up. */
const short = { settleMs: 2500, timeoutMs: 4000 };
const falseCheck = {
  test: ['CMD', 'false'],
  ...{ interval: '200ms', timeout: '2s', retries: 2 },
};

type Row = {
  readonly title: string;
  readonly plan: Plan;
  readonly operation?: 'upgrade';
  readonly settling?: typeof settling;
  readonly oneshot?: readonly string[];
  readonly answer: object;
};

const failedFor = (cause: string) => ({ done: 'failed', converged: 'failed', cause });

const rows: readonly Row[] = [
  {
    title: 'a crash without a restart',
    plan: { head: runs('exit 3') },
    operation: 'upgrade',
    answer: failedFor('crash'),
  },
  {
    title: 'a crash that is always restarted',
    plan: { both: { ...runs('sleep 1; exit 3'), restart: 'always' } },
    settling: short,
    answer: failedFor('not-ready'),
  },
  {
    title: 'a service that needs more memory than it may have',
    plan: {
      both: {
        ...runs('sleep 0.3; tail /dev/zero'),
        deploy: { resources: { limits: { memory: '24M' } } },
      },
    },
    // Until it has taken all of its memory; a busy machine gives it time for that in seconds.
    settling: { settleMs: 20_000, timeoutMs: 60_000 },
    answer: failedFor('out-of-memory'),
  },
  {
    title: 'a health check that never holds',
    plan: { both: { healthcheck: falseCheck } },
    settling: short,
    answer: failedFor('not-ready'),
  },
  {
    title: 'a program that is not in the image',
    plan: { head: { init: false, command: ['/nowhere'] } },
    operation: 'upgrade',
    answer: { done: 'failed', converged: 'not-run', cause: 'app-failed' },
  },
  {
    title: 'an image that is not here',
    plan: { head: { image: 'seatrial-fixture/absent:1' } },
    operation: 'upgrade',
    answer: { done: 'failed', cause: 'app-failed' },
  },
  {
    title: 'a service that head dropped is gone after the upgrade',
    plan: { baseOnly: ['extra'], head: { environment: { RELEASE: '2' } } },
    operation: 'upgrade',
    answer: { done: 'passed', identity: 'passed', applied: 'passed', orphans: 'passed' },
  },
  ...(['no', 'on-failure'] as const).flatMap((restart): Row[] => [
    {
      title: `an end with 0, restart ${restart}`,
      plan: { both: { ...runs('exit 0'), restart } },
      answer: failedFor('exited'),
    },
    {
      title: `an end with 0 of a one-shot, restart ${restart}`,
      plan: { both: { ...runs('exit 0'), restart } },
      oneshot: ['app'],
      answer: { done: 'passed', converged: 'passed' },
    },
  ]),
  ...(['always', 'unless-stopped'] as const).map((restart): Row => ({
    title: `an end with 0, restart ${restart}`,
    plan: { both: { ...runs('sleep 1'), restart } },
    settling: short,
    answer: failedFor('not-ready'),
  })),
];

describe.skipIf(engineHost === undefined)('compose: faults on a real engine', () => {
  describe.concurrent('of the app, and what looks like them', () => {
    it.for(rows)('$title', async ({ plan, operation, oneshot = [], answer, ...row }) => {
      const app = await openFaulty(composeOrchestrator, {
        stackOf: smallStack(plan),
        settings: { oneshot },
      });
      try {
        if (operation === 'upgrade')
          expect(await perform(app, 'install', settling)).toMatchObject({ done: 'passed' });
        const seen = await perform(app, operation ?? 'install', row.settling ?? settling);
        expect(seen, seen.message).toMatchObject(answer);
      } finally {
        expect(await app.remove()).toEqual([]);
      }
    });
  });
});
