import { appendFile, readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemFiles } from '../../src/drivers/files.ts';
import { systemIds } from '../../src/drivers/ids.ts';
import { makeLocks } from '../../src/drivers/locks.ts';
import { bundleRoot } from '../../src/evidence/bundle-paths.ts';
import {
  listRun,
  readRunsList,
  runsListPath,
  verifyRunsList,
  type RunsListEntry,
} from '../../src/evidence/runs-list.ts';
import { openStore } from '../../src/evidence/store.ts';
import type { Locks } from '../../src/ports/locks.ts';
import { steppingClock, temporaryFolder } from './sample-run.ts';

const files = systemFiles;
const clock = steppingClock();

/** Locks among the callers of one process; with `broken`, anybody gets in. */
function memoryLocks(broken = false): Locks {
  const queues = new Map<string, Promise<void>>();
  const acquire: Locks['acquire'] = async (name) => {
    const before = queues.get(name) ?? Promise.resolve();
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    queues.set(
      name,
      before.then(() => released),
    );
    if (!broken) await before;
    return {
      name,
      lost: new Promise(() => undefined),
      release: () => {
        release();
        return Promise.resolve();
      },
    };
  };
  return { acquire, tryAcquire: (name) => acquire(name, { waitMs: 0 }) };
}

const entry = (run: string, state: RunsListEntry['state'] = 'started'): RunsListEntry => ({
  ...{ run, app: 'shop', scenario: 'full', state, head: 'a'.repeat(64) },
  ...(state === 'ended' ? { verdict: 'failed' } : {}),
});

async function storeWith(...runs: readonly string[]) {
  const root = await temporaryFolder();
  const store = { files, root, id: 'store-1', clock, locks: memoryLocks() };
  for (const run of runs) {
    await listRun(store, entry(run));
    await files.makeDirectory(bundleRoot(root, run));
    await files.replace(`${bundleRoot(root, run)}/journal.jsonl`, '');
    await listRun(store, entry(run, 'ended'));
  }
  return store;
}

const codes = async (...args: Parameters<typeof verifyRunsList>) =>
  (await verifyRunsList(...args)).findings.map(({ code }) => code);

test('lists every run at its start and at its end, and is whole', async () => {
  const store = await storeWith('red', 'green');
  const { reading, findings } = await verifyRunsList(store);
  expect(findings).toEqual([]);
  expect(reading.lines).toMatchObject([
    { seq: 1, run: 'red', state: 'started' },
    { seq: 2, run: 'red', state: 'ended', verdict: 'failed' },
    { seq: 3, run: 'green', state: 'started' },
    { seq: 4, run: 'green', state: 'ended' },
  ]);
});

test('an absent list is empty', async () => {
  const store = await storeWith();
  expect(await verifyRunsList(store)).toMatchObject({ reading: { lines: [] }, findings: [] });
});

test('a deleted bundle is noticed, and one that nobody listed', async () => {
  const store = await storeWith('red', 'green');
  await files.rename(bundleRoot(store.root, 'red'), bundleRoot(store.root, 'renamed'));
  expect((await verifyRunsList(store)).findings).toMatchObject([
    { code: 'no-bundle', run: 'red' },
    { code: 'unlisted-bundle', run: 'renamed' },
  ]);
});

test('deleting the list as well leaves bundles that nobody listed', async () => {
  const store = await storeWith('red', 'green');
  await files.remove(runsListPath(store.root));
  expect(await codes(store)).toEqual(['unlisted-bundle', 'unlisted-bundle']);
});

test('cutting the tail is noticed by whoever noted a head', async () => {
  const store = await storeWith('green', 'red');
  const { head } = await readRunsList(store);
  const text = await readFile(runsListPath(store.root), 'utf8');
  await writeFile(runsListPath(store.root), text.split('\n').slice(0, 2).join('\n') + '\n');
  await files.remove(bundleRoot(store.root, 'red'));
  expect(await codes(store)).toEqual([]);
  expect(await codes(store, [head])).toEqual(['list-cut']);
});

test('a run that starts or ends twice is noticed', async () => {
  const store = await storeWith('red');
  await listRun(store, entry('red', 'ended'));
  expect(await codes(store)).toEqual(['listed-twice']);
});

test('a list of another store is broken from its first line', async () => {
  const store = await storeWith('red');
  const { reading } = await verifyRunsList({ ...store, id: 'store-2' });
  expect(reading.faults[0]).toEqual({
    line: 1,
    message: 'Line 1 does not link to the line before it.',
  });
});

test('a flip of any byte but those of the last line is a fault', async () => {
  const store = await storeWith('red', 'green');
  const path = runsListPath(store.root);
  const whole = await files.read(path);
  const { head } = await readRunsList(store);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(whole.length - 1),
      fc.integer({ min: 1, max: 255 }),
      async (at, mask) => {
        const spoiled = Uint8Array.from(whole);
        spoiled[at] = (whole[at] ?? 0) ^ mask;
        await writeFile(path, spoiled);
        // With its head known, the last line is no exception.
        expect((await codes(store, [head])).length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 200 },
  );
});

test('a torn tail is cut off by the next writer, a broken line stays and is told', async () => {
  const store = await storeWith('red');
  await appendFile(runsListPath(store.root), '{"app":"sh');
  expect(await readRunsList(store)).toMatchObject({ tornBytes: 10, faults: [] });
  await listRun(store, entry('green'));
  expect(await readRunsList(store)).toMatchObject({ tornBytes: 0, faults: [] });

  await appendFile(runsListPath(store.root), 'nonsense\n');
  await listRun(store, entry('blue'));
  const { faults, lines } = await readRunsList(store);
  expect(faults).toEqual([{ line: 4, message: 'Line 4 is not canonical JSON.' }]);
  expect(lines.at(-1)).toMatchObject({ run: 'blue', seq: 5 });
});

test.each([
  ['keep the chain whole', false, 0],
  ['break it when the lock does not hold', true, 1],
])('many writers at once %s', async (_what, broken, faultsMin) => {
  const store = { ...(await storeWith('first')), locks: memoryLocks(broken) };
  const runs = Array.from({ length: 20 }, (_, index) => `run-${String(index)}`);
  await Promise.all(runs.map((run) => listRun(store, entry(run))));
  const { faults, lines } = await readRunsList(store);
  if (faultsMin === 0) expect({ faults, lines: lines.length }).toEqual({ faults: [], lines: 22 });
  else expect(faults.length + Math.abs(lines.length - 22)).toBeGreaterThan(0);
});

test('two writers with kernel locks write one list', async () => {
  const root = await temporaryFolder();
  const folder = await temporaryFolder();
  const writer = (name: string) => {
    // Kernel locks of two holders exclude each other as those of two processes do.
    const locks = makeLocks({ folder: `${folder}/locks`, searchPath: process.env['PATH'] ?? '' });
    const store = { files, root, id: 'store-1', clock, locks };
    const runs = Array.from({ length: 5 }, (_, index) => `${name}-${String(index)}`);
    return runs.reduce<Promise<unknown>>(
      (before, run) => before.then(() => listRun(store, entry(run))),
      Promise.resolve(),
    );
  };
  await Promise.all([writer('one'), writer('two')]);
  const { faults, lines } = await readRunsList({ files, root, id: 'store-1' });
  expect({ faults, lines: lines.length }).toEqual({ faults: [], lines: 10 });
}, 20_000);

test('a store has one id, whoever opens it first', async () => {
  const root = `${await temporaryFolder()}/.seatrial`;
  const open = { files, ids: systemIds, locks: memoryLocks(), root };
  const stores = await Promise.all([openStore(open), openStore(open), openStore(open)]);
  expect(new Set(stores.map(({ id }) => id)).size).toBe(1);
  expect((await openStore(open)).id).toBe(stores[0].id);
  await writeFile(`${root}/store.json`, '{"format":"other"}');
  await expect(openStore(open)).rejects.toThrow('does not describe a store');
});
