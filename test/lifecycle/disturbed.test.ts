// What may happen to a run in the middle of it: a disk that fills, a clock that jumps, a lock that is
// lost, hooks that hang, flood, fork and tell secrets.

import { readdir, readFile, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recoverAll } from '../../src/lifecycle/recover.ts';
import type { Files } from '../../src/ports/files.ts';
import type { Lock } from '../../src/ports/locks.ts';
import type { OverlayRunner } from '../../src/ports/overlays.ts';
import { WorldError } from '../../src/ports/world-error.ts';
import {
  type Bench,
  makeBench,
  manifestOf,
  memoryOverlays,
  overlay,
  removeBenches,
  reports,
} from './harness.ts';
import { processesOf } from './real-run.ts';

const unhandled: unknown[] = [];
const keep = (error: unknown): void => void unhandled.push(error);

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', keep);
});
afterEach(async () => {
  process.off('unhandledRejection', keep);
  await removeBenches();
  expect(unhandled).toEqual([]);
});

/** The journal's disk takes so many records and is full then. */
const fullAfter =
  (records: number) =>
  (files: Files): Files => ({
    ...files,
    openAppend: async (path, options) => {
      const file = await files.openAppend(path, options);
      if (!path.endsWith('/journal.jsonl') || options?.truncateTo !== undefined) return file;
      let left = records;
      return {
        ...file,
        sizeBytes: 0,
        append: (bytes) => {
          left -= bytes.filter((byte) => byte === 10).length;
          return left < 0
            ? Promise.reject(new WorldError('disk-full', 'planted: the disk is full'))
            : file.append(bytes);
        },
      };
    },
  });

describe('a disk that fills', () => {
  const checks = { overlays: [overlay('upgrade', 'one'), overlay('install', 'two')] };
  test.each([0, 1, 2, 10, 25, 40, 60, 80, 100, 110, 120, 127])(
    'after %i records: disk-full, nothing left, and recover closes the run',
    async (records) => {
      const bench = await makeBench({ files: fullAfter(records) });
      const ended = bench.run({ plan: checks });
      await expect(ended).rejects.toMatchObject({ name: 'WorldError', code: 'disk-full' });
      expect(bench.fakeWorld.read().apps.size).toBe(0);
      await expectNothingLeft(bench);
      const sound = { ...bench.world, files: (await makeBench()).world.files };
      await recoverAll(sound, { store: bench.store, project: reports });
      expect(await recoverAll(sound, { store: bench.store, project: reports })).toEqual([]);
      for (const run of await readdir(join(bench.store.root, 'runs'))) {
        const { ok, state } = await bench.verify(run);
        expect(ok).toBe(true);
        expect(state?.verdict).not.toBe('passed');
      }
    },
  );

  test('while an overlay answers: no promise is left without a handler', async () => {
    const overlays = memoryOverlays();
    const slow: typeof overlays = {
      ...overlays,
      run: async (selection, facts, options) => {
        const answers = await overlays.run(selection, facts, options);
        await new Promise((resolve) => setTimeout(resolve, 50));
        return answers;
      },
    };
    let full = false;
    const bench = await makeBench({
      overlays: {
        ...slow,
        run: (...all) => {
          full = true;
          return slow.run(...all);
        },
      },
      files: (files) => ({
        ...files,
        openAppend: async (path, options) => {
          const file = await files.openAppend(path, options);
          return {
            ...file,
            sizeBytes: 0,
            append: (bytes) =>
              full
                ? Promise.reject(new WorldError('disk-full', 'planted: the disk is full'))
                : file.append(bytes),
          };
        },
      }),
    });
    await expect(bench.run({ plan: checks })).rejects.toMatchObject({ code: 'disk-full' });
    expect(bench.fakeWorld.read().apps.size).toBe(0);
  });
});

async function expectNothingLeft({ root, store }: Bench): Promise<void> {
  expect(processesOf(root)).toEqual([]);
  const work = join(store.root, 'work');
  expect(await readdir(work).catch(() => [])).toEqual([]);
}

test('a clock that goes back: held in the records, said once, and the bundle verifies', async () => {
  const bench = await makeBench();
  let jumps = 0;
  const onRecord = ({ seq }: { readonly seq: number }): void => {
    if (seq % 40 === 0 && jumps++ < 2) bench.clock.jump(-3_600_000);
  };
  const { state, run } = await bench.run({ run: { onRecord } });
  expect(state.verdict).toBe('passed');
  expect(state.notes.map(({ code }) => code)).toEqual(['clock-went-back']);
  expect(state.endedAt).toBe(state.startedAt);
  expect((await bench.verify(run)).ok).toBe(true);
});

test('LK-07: a lock whose holder dies: the run stops, exit 3, nothing left', async () => {
  let lose = (): void => undefined;
  const lost = new Promise<void>((resolve) => {
    lose = resolve;
  });
  const bench = await makeBench({
    world: (world) => ({
      ...world,
      locks: {
        ...world.locks,
        acquire: async (name, options): Promise<Lock> => {
          const lock = await world.locks.acquire(name, options);
          return name.startsWith('app-') ? { ...lock, lost } : lock;
        },
      },
    }),
  });
  const onRecord = ({ seq }: { readonly seq: number }): void => {
    if (seq === 40) lose();
  };
  const { state } = await bench.run({ run: { onRecord } });
  expect(state).toMatchObject({ exitCode: 3, ended: { outcome: 'stopped', cause: 'lock-lost' } });
  expect(bench.fakeWorld.read().apps.size).toBe(0);
});

test.each(['not-run', 'error'] as const)(
  'a check that is answered %s before it was called stands in the records like any other',
  async (verdict) => {
    const overlays: OverlayRunner = {
      ...memoryOverlays(),
      run: ({ checks }, _facts, { onResult }) => {
        for (const { id } of checks)
          onResult?.({ id, verdict, message: 'gone', durationMs: 0, evidence: [], touched: [] });
        return Promise.resolve([]);
      },
    };
    const bench = await makeBench({ overlays });
    const { state, run } = await bench.run({ plan: { overlays: [overlay('upgrade', 'one')] } });
    const asked = state.checks.find(({ id }) => id === 'overlay.one');
    expect(asked).toMatchObject({ verdict, message: 'gone' });
    expect(state.ended?.outcome).toBe('completed');
    expect((await bench.verify(run)).ok).toBe(true);
  },
);

test('without perl nobody guards the children, and the run says so', async () => {
  const bench = await makeBench({
    world: (world) => ({
      ...world,
      processes: { ...world.processes, find: () => Promise.resolve(undefined) },
    }),
  });
  const { state } = await bench.run();
  expect(state.notes.map(({ code, severity }) => `${code} ${severity}`)).toEqual([
    'no-guardian warning',
  ]);
  expect((await (await makeBench()).run()).state.notes).toEqual([]);
});

test('a bug in the middle: cleanup, a record, and the exception goes on', async () => {
  const bug = new TypeError('planted');
  const bench = await makeBench({
    overlays: { ...memoryOverlays(), run: () => Promise.reject(bug) },
  });
  const plan = { overlays: [overlay('install', 'one')] };
  await expect(bench.run({ plan })).rejects.toBe(bug);
  expect(bench.fakeWorld.read().apps.size).toBe(0);
  const [run = ''] = await readdir(join(bench.store.root, 'runs'));
  const { ok, state } = await bench.verify(run);
  expect(ok).toBe(true);
  expect(state).toMatchObject({ exitCode: 70, ended: { outcome: 'crashed', cause: 'bug' } });
  expect(state?.verdict).not.toBe('passed');
});

/** A whole run with a `seed` hook, whose text may name the bench's folder as ROOT. */
async function hooked(script: string, timeoutS = 30) {
  const bench = await makeBench();
  await mkdir(join(bench.folder, 'hooks'));
  await writeFile(join(bench.folder, 'hooks/seed.sh'), script.replaceAll('ROOT', bench.root));
  const manifest = manifestOf('hooks: { seed: { file: hooks/seed.sh } }');
  const timeouts = { ...manifest.timeouts, hook: timeoutS };
  const { state, run } = await bench.run({ manifest: { ...manifest, timeouts } });
  await expectNothingLeft(bench);
  expect((await bench.verify(run)).ok).toBe(true);
  return { bench, state, run, upgrade: state.operations.find(({ name }) => name === 'upgrade') };
}

describe('hooks', () => {
  test.each([
    ['hangs', 'sleep 600 # ROOT\n', /ran over its time/],
    ['ignores SIGTERM', 'trap "" TERM\nwhile :; do sleep 1; done # ROOT\n', /ran over its time/],
    [
      'forks a daemon',
      'setsid env -i /bin/sh -c ": ROOT; sleep 600; :" > /dev/null 2>&1 &\nsleep 0.3\n',
      /left processes behind/,
    ],
    ['fails', 'echo because; exit 7\n', /exit code 7: because/],
  ])('one that %s fails its operation and leaves nothing', async (_what, script, message) => {
    const { state, upgrade } = await hooked(script, 2);
    expect(upgrade).toMatchObject({ outcome: 'failed', cause: 'hook-failed' });
    expect(upgrade?.message).toMatch(message);
    expect(state).toMatchObject({ verdict: 'failed', exitCode: 1 });
  });

  test('one that floods: its output is cut, the run goes on', async () => {
    const script = 'head -c 104857600 /dev/zero | tr "\\\\0" x\n';
    const { bench, state, run } = await hooked(script);
    expect(state.reasons).toEqual([]);
    const listing = await bench.world.files.listing(join(bench.store.root, 'runs', run));
    const bytes = listing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    expect(bytes).toBeLessThan(3_000_000);
  });

  test('a secret in two halves, told late and on every stream, is nowhere in the bundle', async () => {
    const secret = 'hunter2-Zx81-correct-horse';
    const script = `printf 'password is hunter2-Zx81'; sleep 0.2; echo -correct-horse
printf 'hunter2-Zx81-' >&2; sleep 0.2; echo correct-horse >&2
printf 'secret LATE=hunter2-Zx81' >&3; sleep 0.1; echo -correct-horse >&3
exit 3
`;
    const { bench, state, run } = await hooked(script);
    expect(state.checks.find(({ id }) => id === 'run.secrets.absent')?.verdict).toBe('passed');
    expect(state.operations[1]?.message).toContain('[REDACTED:LATE]');
    expect(await textOf(join(bench.store.root, 'runs', run))).not.toContain(secret);
  });

  test('a secret that a hook brings is shown by its name only, also in snapshots', async () => {
    const bench = await makeBench();
    await mkdir(join(bench.folder, 'hooks'));
    const script = "echo 'secret LATE=hunter2-Zx81-correct-horse' >&3\necho 'env OPEN=1' >&3\n";
    await writeFile(join(bench.folder, 'hooks/prepare.sh'), script);
    const manifest = manifestOf('hooks: { prepare: { file: hooks/prepare.sh } }');
    const { state, run } = await bench.run({ manifest });
    expect(state.reasons).toEqual([]);
    const text = await textOf(join(bench.store.root, 'runs', run));
    expect(text).toContain('"LATE": "secret:LATE"');
    expect(text).toMatch(/"OPEN": "sha256:/);
    expect(text).not.toContain('hunter2');
    expect(text).toMatch(/"(SEATRIAL_CANARY_[A-Z0-9_]+)": "secret:\1"/);
  });
});

async function textOf(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8'));
  return (await Promise.all(texts)).join('\n');
}
