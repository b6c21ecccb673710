import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderBaseline } from '../../src/findings/baseline.ts';
import { mergeBaselines } from '../../src/findings/merge-baseline.ts';
import { mergeFile } from '../../src/findings/merge-file.ts';
import { readBaseline } from '../../src/findings/read-baseline.ts';
import { subject } from './samples.ts';
import { baselineOf } from './samples-baseline.ts';

/** File name to contexts of its findings. */
type Tree = Readonly<Record<string, readonly string[]>>;

const baseline = (tree: Tree, digest = 'd') =>
  renderBaseline(
    baselineOf(
      Object.entries(tree)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([path, contexts]) => ({
          ...subject(
            path,
            contexts.map((context) => ({ context, message: context })),
          ),
          digest: digest.repeat(64),
        })),
    ),
  );

function merged(base: Tree, ours: Tree, theirs: Tree) {
  const answer = mergeBaselines({
    base: baseline(base),
    ours: baseline(ours),
    theirs: baseline(theirs),
  });
  if ('problems' in answer) throw new Error(answer.problems.join());
  const reading = readBaseline(answer.text);
  if ('problems' in reading) throw new Error(reading.problems.map(({ message }) => message).join());
  const { files, by_code } = reading.baseline;
  const tree = Object.fromEntries(
    files.map(({ path, findings }) => [path, findings.map(({ message }) => message)]),
  );
  return { tree, by_code, notes: answer.notes, text: answer.text };
}

test('each side keeps what it changed, and counts are those of the merge', () => {
  const base = { a: ['x'], b: [], c: ['y'] };
  const { tree, by_code, notes } = merged(
    base,
    { ...base, a: [], d: ['z'] },
    { a: ['x'], c: ['y', 'w'], e: [] },
  );
  expect(tree).toEqual({ a: [], c: ['y', 'w'], d: ['z'], e: [] });
  expect(by_code).toEqual({ SUCCESS: 2, VALIDATION_ERROR: 2 });
  expect(notes).toEqual([]);
});

test('a record that both sides changed has the findings of both changes', () => {
  const { tree, notes } = merged(
    { a: ['x', 'y'] },
    { a: ['y', 'mine'] },
    { a: ['x', 'y', 'yours'] },
  );
  expect(tree).toEqual({ a: ['y', 'mine', 'yours'] });
  expect(notes).toEqual(['a was changed on both sides; check it again']);
});

test('removed on one side and changed on the other: it is kept, and said', () => {
  const { tree, notes } = merged({ a: ['x'], b: [] }, { b: [] }, { a: ['x', 'y'], b: [] });
  expect(tree).toEqual({ a: ['x', 'y'], b: [] });
  expect(notes.length).toBe(1);
});

test('both sides may add the file', () => {
  const sides = { base: '', ours: baseline({ a: ['x'] }), theirs: baseline({ b: [] }) };
  expect(mergeBaselines(sides)).toMatchObject({ conflicts: [], notes: [] });
});

test('any merge can be read, and sides do not matter but for the order of findings', () => {
  const anyTree = fc.dictionary(
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.uniqueArray(fc.constantFrom('x', 'y', 'z')),
    { noNullPrototype: true },
  );
  const withRoot = anyTree.map((tree): Tree => ({ ...tree, root: [] }));
  fc.assert(
    fc.property(withRoot, withRoot, withRoot, (base, ours, theirs) => {
      const sorted = (tree: Tree) =>
        Object.fromEntries(Object.entries(tree).map(([path, all]) => [path, all.toSorted()]));
      const there = merged(base, ours, theirs);
      const back = merged(base, theirs, ours);
      expect(sorted(back.tree)).toEqual(sorted(there.tree));
      expect(sorted(merged(base, ours, base).tree)).toEqual(sorted(ours));
      for (const [path, contexts] of Object.entries(ours))
        for (const context of contexts)
          if (!base[path]?.includes(context)) expect(there.tree[path]).toContain(context);
    }),
    { numRuns: 60 },
  );
});

test.each([
  ['conflict markers', `<<<<<<< a\n${baseline({ a: [] })}`],
  ['no JSON', 'x'],
  ['another shape', '{"files":[]}'],
])('%s are refused', (_, theirs) => {
  expect(mergeBaselines({ base: '', ours: baseline({ a: [] }), theirs })).toHaveProperty(
    'problems',
  );
});

test('how to merge is told by the name, else by the content', () => {
  const one = baseline({ a: [] });
  const same = (text: string) => ({ base: text, ours: text, theirs: text });
  expect(mergeFile('b.json', same(one))).toMatchObject({ text: one });
  expect(mergeFile('trends.json', same('[]\n'))).toMatchObject({ text: '[]\n' });
  expect(mergeFile('s.yaml', same('[]\n'))).toMatchObject({ text: '[]\n' });
  expect(mergeFile('s.txt', same('# a\n'))).toMatchObject({ text: '# a\n' });
  const line = `- {"fingerprint": "${'1'.repeat(16)}"}\n`;
  expect(mergeFile('s', same(line))).toMatchObject({ text: line });
});
