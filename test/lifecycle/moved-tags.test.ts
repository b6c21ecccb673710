import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sha256Hex } from '../../src/evidence/canonical.ts';
import { movedTags } from '../../src/lifecycle/moved-tags.ts';
import type { Release } from '../../src/ports/release.ts';
import { type Bench, makeBench, memoryReleases, removeBenches } from './harness.ts';

afterAll(removeBenches);

type Tags = Readonly<Record<string, string>>;

/** Releases of a repository whose tags are at these commits. */
const tagged = (tags: Tags): Bench['world']['releases'] => {
  const all = Object.entries(tags).map(([version, commit]): Release => ({
    ...{ origin: 'git', ref: `git:${version}`, version, commit: commit.repeat(40) },
  }));
  const named = (ref: string) => all.find((each) => each.ref === ref || ref === 'git:HEAD');
  return {
    ...memoryReleases([]),
    published: () => Promise.resolve(all),
    resolve: (ref) => Promise.resolve(named(ref) ?? (all[0] as Release)),
    prepare: (release) =>
      Promise.resolve({
        release,
        root: '/',
        digest: sha256Hex(release.commit ?? ''),
        cached: false,
      }),
  };
};

const before: Tags = { '1.0.0+2': 'a', '1.1.0+2': 'b' };
const notesFor = async (bench: Bench, tags: Tags): Promise<readonly string[]> => {
  const world = { ...bench.world, releases: tagged(tags) };
  const { state } = await bench.run({ plan: { head: 'git:1.1.0+2' } }, world);
  return state.notes.filter(({ code }) => code === 'tag-moved').map(({ message }) => message);
};

test('HC2: a tag that was moved on the remote is a finding of the next run', async () => {
  const bench = await makeBench();
  expect(await notesFor(bench, before)).toEqual([]);
  expect(await notesFor(bench, { ...before, '1.2.0+2': 'c' })).toEqual([]);
  const [note, ...more] = await notesFor(bench, { ...before, '1.0.0+2': 'd' });
  expect(note).toMatch(/^git:1\.0\.0\+2 is commit d{12} now, and was a{12} when run \S+ saw it$/);
  expect(more).toEqual([]);
});

test('branches move, other apps have tags of their own, and a run that is gone says nothing', async () => {
  const bench = await makeBench();
  await notesFor(bench, before);
  const asked = (app: string, ref: string) =>
    movedTags(bench.world.files, bench.store, {
      app,
      now: [{ origin: 'git', ref, commit: 'e'.repeat(40) }],
    });
  expect(await asked('fake', 'git:1.1.0+2')).toHaveLength(1);
  expect(await asked('other', 'git:1.1.0+2')).toEqual([]);
  expect(await asked('fake', 'git:main')).toEqual([]);
  await rm(join(bench.store.root, 'runs'), { recursive: true });
  expect(await asked('fake', 'git:1.1.0+2')).toEqual([]);
});
