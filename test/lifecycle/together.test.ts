// Two `seatrial run` as processes of their own, at the same time.

import { afterAll, describe, expect, test } from 'vitest';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunState } from '../../src/evidence/run-state.ts';
import {
  command,
  counterManifest,
  leftOf,
  makeCounter,
  type RealApp,
  removeRealApps,
  runsOf,
  start,
  stateOf,
} from './real-run.ts';

afterAll(removeRealApps);

const timeout = 240_000;

/** States of the app's runs, by the time of their first record. */
async function statesOf(app: RealApp): Promise<readonly RunState[]> {
  const states: RunState[] = [];
  for (const run of await runsOf(app)) {
    const state = await stateOf(app, run);
    if (state !== undefined) states.push(state);
  }
  return states.sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

async function expectSound(app: RealApp, states: readonly RunState[]): Promise<void> {
  for (const state of states) {
    expect(state.reasons).toEqual([]);
    expect(state).toMatchObject({ verdict: 'passed', deployments: 1, exitCode: 0 });
    expect(await leftOf(app, state)).toEqual([]);
  }
  const verified = await command(app, 'verify');
  expect(verified.code, verified.out).toBe(0);
}

const listOf = async ({ store }: RealApp) =>
  (await readFile(join(store, 'runs.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly run: string; readonly state: string })
    .map(({ run, state }) => ({ run, state }));

describe.concurrent('two runs at once', () => {
  test(
    'of one app: the second waits for the first, and each does all of it',
    { timeout },
    async () => {
      const app = await makeCounter();
      const both = [start(app, ['run', '--quiet']), start(app, ['run', '--quiet'])];
      for (const { ended } of both) {
        const { code, err } = await ended;
        expect(code, err).toBe(0);
      }
      const states = await statesOf(app);
      expect(states).toHaveLength(2);
      const [first, second] = states;
      expect(first?.started.instance).toBe(second?.started.instance);
      expect((first?.lastAt ?? '') <= (second?.startedAt ?? '')).toBe(true);
      expect(await listOf(app)).toEqual(
        states.flatMap(({ started: { run } }) => [
          { run, state: 'started' },
          { run, state: 'ended' },
        ]),
      );
      await expectSound(app, states);
    },
  );

  test(
    'of two heads in one store: neither waits, and neither disturbs the other',
    { timeout },
    async () => {
      // A hook of each goes on only when the other run has come as far. One that waited for the end of
      // the other would be seen: the other's hook runs out of its time.
      const app = await makeCounter({
        'seatrial.yaml': counterManifest('hooks: { seed: { file: hooks/seed.sh } }').replace(
          'hook: 20',
          'hook: 120',
        ),
        'hooks/seed.sh': `mkdir -p ../meeting
touch "../meeting/$SEATRIAL_RUN"
while [ "$(ls ../meeting | wc -l)" -lt 2 ]; do sleep 0.1; done
`,
      });
      const runs = ['1.0.0', '2.0.0'].map((head) => start(app, ['run', '--quiet', '--head', head]));
      for (const { ended } of runs) {
        const { code, err } = await ended;
        expect(code, err).toBe(0);
      }
      const states = await statesOf(app);
      expect(new Set(states.map(({ started }) => started.instance)).size).toBe(2);
      await expectSound(app, states);
    },
  );
});
