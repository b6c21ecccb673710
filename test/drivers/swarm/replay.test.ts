// Convergence judged again from what a real Swarm showed. SEATRIAL_RECORD=1 takes the recordings anew on
// the engine at hand; their answers are then to be read before they are committed.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { makeEngine } from '../../../src/drivers/docker/engine.ts';
import {
  converge,
  type Intended,
  type SwarmSnapshot,
} from '../../../src/drivers/swarm/converge.ts';
import { swarmOrchestrator } from '../../../src/drivers/swarm/orchestrator.ts';
import { takeSnapshot } from '../../../src/drivers/swarm/snapshot.ts';
import { engineHost } from '../docker/engine-here.ts';
import { openFaulty, perform } from '../docker/faulty.ts';
import { type Plan, runs, smallStack } from '../docker/small-stack.ts';

const folder = join(import.meta.dirname, '../../fixtures/swarm-recordings');
const signal = new AbortController().signal;

type Recording = {
  readonly intended: Intended;
  readonly oneshot: readonly string[];
  /** Only those that differ from the one before. */
  readonly snapshots: readonly SwarmSnapshot[];
  /** What was answered from the start to each of them; equal answers in a row stand once. */
  readonly answers: readonly string[];
};

const answerOf = (
  intended: Intended,
  seen: readonly SwarmSnapshot[],
  oneshot: readonly string[],
) => {
  const judged = converge(intended, seen, oneshot);
  return judged.state === 'failed' ? `failed: ${judged.cause}` : judged.state;
};

function answersOf({ intended, oneshot, snapshots }: Omit<Recording, 'answers'>) {
  const all = snapshots.map((_, at) => answerOf(intended, snapshots.slice(0, at + 1), oneshot));
  return all.filter((answer, at) => answer !== all[at - 1]);
}

const deploy = (more: object) => ({
  deploy: { restart_policy: { condition: 'any' as const, delay: '100ms' }, ...more },
});
const update = (failure_action: 'pause' | 'rollback') => ({
  update_config: { failure_action, monitor: '1s', order: 'stop-first' as const },
  rollback_config: { monitor: '300ms' },
});

type Scene = {
  readonly plan: Plan;
  readonly upgrade?: true;
  /** It is recorded until this is the answer. */
  readonly ends: string;
};

const recorded: Readonly<Record<string, Scene>> = {
  'comes-up': { plan: {}, ends: 'up' },
  'updated-in-place': {
    plan: { head: { environment: { RELEASE: '2' } } },
    upgrade: true,
    ends: 'up',
  },
  'rolled-back': {
    plan: { both: deploy(update('rollback')), head: runs('exit 3') },
    upgrade: true,
    ends: 'rolled-back',
  },
  'paused-and-over': {
    plan: {
      both: { deploy: { ...update('pause'), restart_policy: { condition: 'none' } } },
      head: runs('exit 3'),
    },
    upgrade: true,
    ends: 'failed: crash',
  },
  'crash-loop': {
    plan: { both: { ...runs('exit 3'), ...deploy({}) } },
    ends: 'failed: crash-loop',
  },
  'ends-with-0': {
    plan: { both: { ...runs('exit 0'), deploy: { restart_policy: { condition: 'none' } } } },
    ends: 'up',
  },
  'ends-with-0-on-failure': {
    plan: { both: { ...runs('exit 0'), deploy: { restart_policy: { condition: 'on-failure' } } } },
    ends: 'failed: exited',
  },
};

const names = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length));
const read = (name: string): Recording =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Recording;

describe('recordings of a real Swarm', () => {
  it('are all there', () => {
    expect(names.sort()).toEqual(Object.keys(recorded).sort());
  });

  it.each(names)('%s: the same answers as then', (name) => {
    const recording = read(name);
    expect(answersOf(recording)).toEqual(recording.answers);
    expect(recording.answers.at(-1)).toBe(recorded[name]?.ends);
  });

  it('can be told apart: the spec of another is never up', () => {
    const { snapshots, oneshot } = read('comes-up');
    expect(answersOf({ intended: { app: { spec: 'other' } }, oneshot, snapshots })).not.toContain(
      'up',
    );
  });

  it('end the same way also when looked at less often', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.infiniteStream(fc.boolean()), (name, picks) => {
        const { intended, oneshot, snapshots, answers } = read(name);
        const some = snapshots.filter((_, at) => at === snapshots.length - 1 || picks.next().value);
        const last = answers.at(-1) ?? '';
        // The count of a loop needs most of its ends; everything else is in the last look.
        const expected = last === 'failed: crash-loop' ? ['pending', last] : [last];
        expect(expected).toContain(answerOf(intended, some, oneshot));
      }),
    );
  });
});

type Look = () => Promise<SwarmSnapshot>;

/** As the driver has it when it sends: the spec of now, and what there was before. */
function intendedBy(before: SwarmSnapshot, sent: SwarmSnapshot): Intended {
  const [was, is] = [before.services['app'], sent.services['app']];
  return {
    app: {
      spec: is?.spec ?? '',
      ...(was === undefined ? {} : { before: was.spec }),
      ...(was?.update === undefined ? {} : { updatedAt: was.update.startedAt }),
    },
  };
}

/** Looks until the answer is the one that ends the scene; what is equal to the look before is left out. */
async function watch(look: Look, intended: Intended, ends: string) {
  const snapshots = [await look()];
  const end = performance.now() + 100_000;
  while (answerOf(intended, snapshots, []) !== ends && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 80));
    const seen = await look();
    const same = JSON.stringify(seen.services) === JSON.stringify(snapshots.at(-1)?.services);
    if (!same) snapshots.push(seen);
  }
  expect(answerOf(intended, snapshots, [])).toBe(ends);
  return snapshots;
}

if (process.env['SEATRIAL_RECORD'] === '1')
  describe('recording', () => {
    it.concurrent.each(Object.entries(recorded))('%s', async (name, { plan, upgrade, ends }) => {
      const engine = makeEngine(engineHost ?? '');
      const app = await openFaulty(swarmOrchestrator, { stackOf: smallStack(plan) });
      const { deployment, subject, context } = app;
      const started = performance.now();
      const kills = new Map<string, boolean>();
      const look = () =>
        takeSnapshot(engine, context.instance, {
          ...{ atMs: Math.round(performance.now() - started), kills },
        });
      if (upgrade) await perform(app, 'install', { settleMs: 500, timeoutMs: 30_000 });
      const before = await look();
      if (upgrade) await deployment.upgrade(subject.head, signal);
      else await deployment.install(subject.base, 'base', signal);
      const intended = intendedBy(before, await look());
      const snapshots = await watch(look, intended, ends);
      const recording = { intended, oneshot: [], snapshots };
      const text = JSON.stringify({ ...recording, answers: answersOf(recording) });
      writeFileSync(join(folder, `${name}.json`), `${text}\n`);
      await app.remove();
      engine.close();
    });
  });
