// What goes wrong on a real Swarm: each row plants a fault, and the right check must go red for it,
// `failed` where it is the app's and `error` where it is the testbed's.

import { describe, expect, it } from 'vitest';

import { makeEngine, query } from '../../../src/drivers/docker/engine.ts';
import type { ServiceFacts } from '../../../src/drivers/docker/facts.ts';
import { swarmOrchestrator } from '../../../src/drivers/swarm/orchestrator.ts';
import type { JsonObject } from '../../../src/ports/json.ts';
import type { Processes } from '../../../src/ports/processes.ts';
import { engineHost, nodeImage } from '../docker/engine-here.ts';
import { type Faulty, openFaulty, perform } from '../docker/faulty.ts';
import { busybox, type Plan, runs, smallStack } from '../docker/small-stack.ts';

const settling = { settleMs: 1000, timeoutMs: 15_000 };
/** For what never comes up. A busy engine takes seconds to start the first task. */
const short = { settleMs: 2500, timeoutMs: 12_000 };
/** How often a task has ended by then is the engine's affair: too often, or just not up in time. */
const neverUp = expect.stringMatching(/^(?:not-ready|crash-loop)$/) as unknown;
const restart = (condition: 'none' | 'on-failure' | 'any') => ({
  restart_policy: { condition, delay: '200ms' },
});
const health = (script: string) => ({
  test: ['CMD-SHELL', script],
  ...{ interval: '200ms', timeout: '2s', retries: 2 },
});

type Row = {
  readonly title: string;
  readonly plan: Plan;
  readonly operation: 'install' | 'upgrade';
  readonly settling?: typeof settling;
  readonly answer: object;
};

const rows: readonly Row[] = [
  {
    title: 'FG-06: an update that is rolled back',
    plan: {
      both: {
        deploy: {
          ...restart('any'),
          update_config: { failure_action: 'rollback', monitor: '2s', order: 'stop-first' },
          rollback_config: { monitor: '300ms' },
        },
      },
      head: runs('exit 3'),
    },
    operation: 'upgrade',
    answer: { done: 'failed', converged: 'failed', applied: 'failed', cause: 'rolled-back' },
  },
  {
    title: 'an update that is paused over a task that fails',
    plan: {
      both: {
        deploy: {
          ...restart('any'),
          update_config: { failure_action: 'pause', monitor: '1s', order: 'start-first' },
        },
      },
      head: runs('exit 3'),
    },
    operation: 'upgrade',
    settling: short,
    answer: { converged: 'failed', cause: neverUp },
  },
  {
    title: 'FG-08: a task that lives for two seconds and reads 1/1 in between',
    plan: { both: { ...runs('sleep 2; exit 3'), deploy: restart('any') } },
    operation: 'install',
    settling: { ...short, settleMs: 8000 },
    answer: { done: 'failed', converged: 'failed', cause: neverUp },
  },
  {
    title: 'a service that needs more memory than it may have',
    plan: {
      both: {
        ...runs('sleep 0.3; tail /dev/zero'),
        deploy: { ...restart('none'), resources: { limits: { memory: '24M' } } },
      },
    },
    operation: 'install',
    // Until it has taken all of its memory; a busy machine gives it time for that in seconds.
    settling: { settleMs: 20_000, timeoutMs: 60_000 },
    answer: { converged: 'failed', cause: 'out-of-memory' },
  },
  {
    title: 'a health check that never holds',
    plan: { both: { healthcheck: health('false'), deploy: restart('none') } },
    operation: 'install',
    answer: { converged: 'failed', cause: 'crash' },
  },
  {
    title: 'a secret that the head forgets to ask for',
    plan: { head: { ...runs('cat /run/secrets/token && sleep 3600'), deploy: restart('none') } },
    operation: 'upgrade',
    answer: { converged: 'failed', cause: 'crash' },
  },
  {
    title: 'a constraint that no node meets',
    plan: { both: { deploy: { placement: { constraints: ['node.labels.moon == yes'] } } } },
    operation: 'install',
    answer: { converged: 'failed', cause: 'no-node' },
  },
  {
    title: 'FR-04: more memory reserved than the node has: the testbed is too small',
    plan: { both: { deploy: { resources: { reservations: { memory: '900G' } } } } },
    operation: 'install',
    settling: { settleMs: 500, timeoutMs: 2000 },
    answer: { done: 'error', converged: 'not-run', cause: 'timeout' },
  },
  {
    title: 'an image that is not here',
    plan: { head: { image: 'seatrial-fixture/absent:1' } },
    operation: 'upgrade',
    answer: { done: 'failed', converged: 'not-run', cause: 'app-failed' },
  },
  {
    title: 'a mount that the node refuses',
    plan: {
      head: {
        volumes: [{ type: 'volume', source: 'data', target: 'data' }],
        deploy: restart('none'),
      },
    },
    operation: 'upgrade',
    answer: { done: 'failed', converged: 'failed', cause: 'rejected' },
  },
  {
    title: 'a stack that the engine refuses',
    plan: { both: { deploy: { placement: { constraints: ['nonsense'] } } } },
    operation: 'install',
    answer: { done: 'failed', converged: 'not-run', cause: 'app-failed' },
  },
  {
    title: 'FR-03: an end with 0 where nothing is to follow',
    plan: { both: { ...runs('exit 0'), deploy: restart('none') } },
    operation: 'install',
    answer: { done: 'passed', converged: 'passed' },
  },
  {
    title: 'an end with 0 that only a failure would restart',
    plan: { both: { ...runs('exit 0'), deploy: restart('on-failure') } },
    operation: 'install',
    answer: { converged: 'failed', cause: 'exited' },
  },
  {
    title: 'an end with 0 that is always restarted',
    plan: { both: { ...runs('sleep 0.5'), deploy: restart('any') } },
    operation: 'install',
    settling: short,
    answer: { converged: 'failed', cause: 'not-ready' },
  },
  {
    title: 'FG-07: a service that head dropped is gone after the upgrade',
    plan: { baseOnly: ['extra'], head: { environment: { RELEASE: '2' } } },
    operation: 'upgrade',
    answer: { done: 'passed', identity: 'passed', applied: 'passed', orphans: 'passed' },
  },
];

const open = (plan: Plan, processes?: (real: Processes) => Processes): Promise<Faulty> =>
  openFaulty(swarmOrchestrator, {
    stackOf: smallStack(plan),
    ...(processes === undefined ? {} : { processes }),
  });

const onEngine = describe.skipIf(engineHost === undefined);

onEngine('swarm: faults on a real engine', () => {
  describe.concurrent('of the app, and what looks like them', () => {
    it.for(rows)('$title', async ({ plan, operation, settling: own = settling, answer }) => {
      const app = await open(plan);
      try {
        if (operation === 'upgrade')
          expect(await perform(app, 'install', settling)).toMatchObject({ done: 'passed' });
        const seen = await perform(app, operation, own);
        expect(seen, seen.message).toMatchObject(answer);
      } finally {
        expect(await app.remove()).toEqual([]);
      }
    });
  });
});

const newer: Plan = { head: { environment: { RELEASE: '2' } } };

async function upgraded(plan: Plan, processes?: (real: Processes) => Processes) {
  const app = await open(plan, processes);
  try {
    expect(await perform(app, 'install', settling)).toMatchObject({ done: 'passed' });
    return await perform(app, 'upgrade', settling);
  } finally {
    expect(await app.remove()).toEqual([]);
  }
}

onEngine('swarm: faults on a real engine', () => {
  describe.concurrent('of whoever deploys', () => {
    it('FG-02: an upgrade that does nothing and says that it did', async () => {
      const seen = await upgraded(newer, (real) => withSecondRun(real, () => ['true']));
      expect(seen).toMatchObject({ done: 'passed', identity: 'failed', applied: 'failed' });
    });

    it('FG-07: an upgrade that forgets what head dropped', async () => {
      const seen = await upgraded({ ...newer, baseOnly: ['extra'] }, (real) =>
        withSecondRun(real, (argv) => argv.filter((word) => word !== '--prune')),
      );
      expect(seen).toMatchObject({ identity: 'failed', orphans: 'failed' });
    });

    it('FG-05: another image under the tag of before, which the engine does not notice', async () => {
      const engine = makeEngine(engineHost ?? '');
      const repo = `seatrial-test/moved-${String(process.pid)}`;
      const tag = (image: string) => {
        const path = `/images/${image}/tag${query({ repo, tag: '1' })}`;
        return engine.call({ method: 'POST', path });
      };
      await tag(busybox);
      const app = await open({ both: { image: `${repo}:1`, environment: { RELEASE: 'same' } } });
      try {
        expect(await perform(app, 'install', settling)).toMatchObject({ identity: 'passed' });
        await tag(nodeImage);
        const seen = await perform(app, 'upgrade', settling);
        expect(seen).toMatchObject({ done: 'passed', identity: 'failed', applied: 'failed' });
      } finally {
        expect(await app.remove()).toEqual([]);
        await engine.call({ method: 'DELETE', path: `/images/${repo}:1`, allow: [404, 409] });
        engine.close();
      }
    });
  });
});

onEngine('swarm: faults on a real engine', () => {
  describe.concurrent('of somebody else', () => {
    it('somebody who changes the service while it comes up: nobody’s fault', async () => {
      const app = await open({});
      try {
        const seen = await perform(app, 'install', { ...settling, settleMs: 5000 }, () =>
          relabel(`${app.context.instance}_app`),
        );
        expect(seen).toMatchObject({
          done: 'error',
          converged: 'not-run',
          cause: 'foreign-change',
        });
      } finally {
        expect(await app.remove()).toEqual([]);
      }
    });

    it('LK-05: volumes of the app’s own making go by force, and those of others stay', async () => {
      const engine = makeEngine(engineHost ?? '');
      const app = await open({
        both: {
          volumes: [
            { type: 'volume', source: 'data', target: '/data' },
            { type: 'volume', target: '/cache' },
          ],
        },
      });
      const { instance } = app.context;
      const make = (name: string, labels = {}) =>
        engine.call({
          method: 'POST',
          path: '/volumes/create',
          json: { Name: name, Labels: labels },
        });
      const neighbour = { 'com.docker.stack.namespace': `${instance}_b` };
      const beside = [`${instance}-data`, `${instance}_b_data`];
      try {
        expect(await perform(app, 'install', settling)).toMatchObject({ identity: 'passed' });
        await make(`${instance}_stray`);
        await make(beside[0] ?? '');
        await make(beside[1] ?? '', neighbour);
        expect(app.resources().filter(({ undo }) => undo['anonymous'] === true)).toHaveLength(1);
        expect(await app.remove()).toEqual([`forced volume ${instance}_stray`]);
        for (const name of beside)
          expect((await engine.call({ path: `/volumes/${name}` })).status).toBe(200);
      } finally {
        await app.remove();
        for (const name of beside)
          await engine.call({ method: 'DELETE', path: `/volumes/${name}`, allow: [404] });
        engine.close();
      }
    });
  });
});

/** From the second time on, another command is run in place of the one that was asked for. */
function withSecondRun(
  real: Processes,
  replace: (argv: readonly string[]) => readonly string[],
): Processes {
  let deployed = 0;
  return {
    ...real,
    run: (spec) => {
      deployed += 1;
      const argv = deployed === 1 ? spec.argv : replace(spec.argv);
      return real.run({ ...spec, argv: argv as typeof spec.argv });
    },
  };
}

async function relabel(name: string): Promise<void> {
  const engine = makeEngine(engineHost ?? '');
  const path = `/services/${name}`;
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await engine.call({ path, allow: [404] });
    const { ID: id, Version, Spec } = found.value as unknown as ServiceFacts;
    if (found.status === 200) {
      const version = String(Version.Index);
      const json = { ...Spec, Labels: { ...Spec.Labels, hand: 'somebody' } } as JsonObject;
      const call = { method: 'POST', path: `/services/${id}/update${query({ version })}` } as const;
      // The orchestrator counts the version up as well while tasks start.
      const done = await engine.call({ ...call, json }).then(
        () => true,
        () => false,
      );
      if (done) break;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  engine.close();
}
