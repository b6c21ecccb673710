// A run is killed with SIGKILL at every position of its journal. Whoever comes next finds out what
// to clean up from the journal alone, and nobody ever takes such a run for a passed one.

import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { RunState } from '../../src/evidence/run-state.ts';
import {
  command,
  leftOf,
  makeCounter,
  makeFakePack,
  type RealApp,
  removeRealApps,
  runsOf,
  start,
  stateOf,
  storeDigest,
} from './real-run.ts';

afterAll(removeRealApps);

const preload = join(import.meta.dirname, '../fixtures/kill-at.mjs');
const all = process.env['SEATRIAL_CRASH'] === 'all';
const timeout = 240_000;

const apps: readonly {
  readonly name: string;
  readonly make: () => Promise<RealApp>;
  readonly argv: readonly string[];
}[] = [
  {
    name: 'fake driver',
    make: makeFakePack,
    argv: ['canaries', 'run', '.', '--only', 'harmless'],
  },
  { name: 'process driver', make: makeCounter, argv: ['run', '--quiet'] },
];

/** More than a run has; what lies beyond its end is skipped. */
const recordsMax = 200;
const shares = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** The ends and some between them; every position when all are asked for. */
const positions: readonly {
  readonly title: string;
  at: (records: number) => number;
  torn: boolean;
}[] = all
  ? Array.from({ length: 2 * recordsMax }, (_, each) => ({
      title: String(Math.floor(each / 2)),
      at: () => Math.floor(each / 2),
      torn: each % 2 === 1,
    }))
  : shares.map((share, index) => ({
      title: `${String(share * 100)} %`,
      at: (records) => Math.round(share * records),
      torn: index % 2 === 1 && share < 1,
    }));

const references = new Map<string, Promise<number>>();

/** How many records a run has that nobody kills. */
function recordsOf({ name, make, argv }: (typeof apps)[number]): Promise<number> {
  const known = references.get(name) ?? wholeRun({ make, argv });
  references.set(name, known);
  return known;
}

async function wholeRun({ make, argv }: Pick<(typeof apps)[number], 'make' | 'argv'>) {
  const app = await make();
  const { err } = await start(app, argv).ended;
  const [run = ''] = await runsOf(app);
  const state = await stateOf(app, run);
  expect(state?.verdict, err + (state?.reasons.join('\n') ?? '')).toBe('passed');
  expect(await leftOf(app, state)).toEqual([]);
  return state?.records ?? 0;
}

const nothingToRecover = {
  code: 0,
  out: 'Every run of this store has ended; nothing to recover.\n',
};

describe.concurrent.each(apps)('$name', (subject) => {
  test.for(positions)(
    'LK-01, FG-19: killed after record $title, torn: $torn',
    { timeout },
    async ({ at, torn }, { skip }) => {
      const app = await subject.make();
      const position = at(await recordsOf(subject));
      const env = { KILL_AT: String(position), KILL_TORN: torn ? '1' : '0' };
      const ended = await start(app, subject.argv, { preload, env }).ended;
      if (all && ended.signal === null) skip('this run had fewer records');
      expect(ended.signal, ended.err).toBe('SIGKILL');
      const [run = ''] = await runsOf(app);
      const killed = await stateOf(app, run);
      expect(killed?.records ?? 0).toBe(position);
      await expectTruth(app, killed);
      await expectRecovered(app, run);
      if (killed === undefined) expect(await runsOf(app)).toEqual([]);
      else if (killed.ended === undefined) await expectUnjudged(app, run);
      else expect((await stateOf(app, run))?.verdict).toBe(killed.verdict);
    },
  );
});

test(
  'LK-03: killed between the deployment of what runs beside the app and its record',
  { timeout },
  async () => {
    const app = await makeFakePack();
    const env = { FAIL_ON: 'resource.created deployment', FAIL_HOW: 'kill' };
    const argv = ['canaries', 'run', '.', '--only', 'harmless'];
    const failing = join(import.meta.dirname, '../fixtures/fail-on.mjs');
    const ended = await start(app, argv, { preload: failing, env }).ended;
    expect(ended.signal, ended.err).toBe('SIGKILL');
    const [run = ''] = await runsOf(app);
    const killed = await stateOf(app, run);
    const [first] = killed?.resources.filter(({ kind }) => kind === 'deployment') ?? [];
    expect(first).toMatchObject({ name: expect.stringMatching(/^side-/) as string });
    expect(first).toMatchObject({ state: 'intended' });
    expect(await leftOf(app, killed)).not.toEqual([]);
    await expectRecovered(app, run);
  },
);

/** Before anybody cleans up. Also the canary of the probe: it has to see what is still there. */
async function expectTruth(app: RealApp, killed: RunState | undefined): Promise<void> {
  if (killed === undefined) return;
  const { code } = await command(app, 'show', killed.started.run);
  expect(code).toBe(killed.ended === undefined ? 3 : killed.exitCode);
  const [first, last] = [killed.operations.at(0), killed.operations.at(-1)];
  if (first?.outcome === 'done' && last?.outcome === 'not-run')
    expect(await leftOf(app, killed)).not.toEqual([]);
}

async function expectRecovered(app: RealApp, run: string): Promise<void> {
  const recovered = await command(app, 'recover');
  expect(recovered.code, recovered.out).toBe(0);
  expect(await leftOf(app, await stateOf(app, run))).toEqual([]);
  const verified = (await runsOf(app)).length === 0 ? undefined : await command(app, 'verify');
  expect(verified?.code ?? 0, verified?.out).toBe(0);
  const before = await storeDigest(app);
  expect(await command(app, 'recover')).toEqual(nothingToRecover);
  expect(await storeDigest(app)).toBe(before);
}

async function expectUnjudged(app: RealApp, run: string): Promise<void> {
  const state = await stateOf(app, run);
  expect(state?.ended?.outcome).toBe('recovered');
  expect(state?.verdict).not.toBe('passed');
  for (const name of ['show', 'report']) {
    const { code, out } = await command(app, name, run);
    expect(code).toBe(3);
    expect(out.split('\n', 3).join('\n')).not.toMatch(/passed/i);
  }
}
