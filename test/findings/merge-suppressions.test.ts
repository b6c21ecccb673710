import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeSource } from '../../src/diagnostics/source.ts';
import type { MergeAnswer, ThreeTexts } from '../../src/findings/merge-baseline.ts';
import { mergeSuppressionLists, mergeSuppressions } from '../../src/findings/merge-suppressions.ts';
import { readSuppressions } from '../../src/findings/read-suppressions.ts';
import { readRecords, renderRecords } from '../../src/findings/suppression-records.ts';

const print = (digit: number) => digit.toString(16).repeat(16);
const record = (digit: number, change: Readonly<Record<string, string>> = {}): string =>
  `- ${JSON.stringify({
    fingerprint: print(digit),
    reason: 'waits for the migration',
    owner: 'mara',
    created: '2026-01-01',
    expires: '2026-06-01',
    ...change,
  })}\n`;

function merge(texts: ThreeTexts) {
  const answer = mergeSuppressions(texts);
  if ('problems' in answer) throw new Error(answer.problems.join());
  return answer;
}
const printsOf = (text: string) => {
  const { records, problems } = readSuppressions(makeSource('s.yaml', text));
  expect(problems).toEqual([]);
  return records.map((each) => each.record);
};

test('records that both sides added, changed and removed are all in the merge', () => {
  const base = record(1) + record(2) + record(3);
  const ours = record(1, { owner: 'ada' }) + record(2) + record(4);
  const theirs = record(1) + record(3) + record(5) + record(2, { reason: 'another good reason' });
  const { text, conflicts } = merge({ base, ours, theirs });
  expect(conflicts).toEqual([]);
  expect(
    printsOf(text).map(({ fingerprint, owner, reason }) => [fingerprint[0], owner, reason]),
  ).toEqual([
    ['1', 'ada', 'waits for the migration'],
    ['2', 'mara', 'another good reason'],
    ['4', 'mara', 'waits for the migration'],
    ['5', 'mara', 'waits for the migration'],
  ]);
});

test('different fields of one record merge; of two ends the earlier counts', () => {
  const ours = record(1, { owner: 'ada', expires: '2026-06-20' });
  const theirs = record(1, { issue: '#7', expires: '2026-05-01' });
  const [merged] = printsOf(merge({ base: record(1), ours, theirs }).text);
  expect(merged).toMatchObject({ owner: 'ada', issue: '#7', expires: '2026-05-01' });
});

test.each([
  ['the owner changed twice', record(1, { owner: 'a' }), record(1, { owner: 'b' })],
  ['removed and changed', '', record(1, { owner: 'b' })],
  ['changed and removed', record(1, { owner: 'a' }), ''],
])('a conflict is marked where it is, and cannot be read: %s', (_, ours, theirs) => {
  const { text, conflicts } = merge({
    base: record(1),
    ours: ours + record(2),
    theirs: record(3) + theirs,
  });
  expect(conflicts).toEqual([print(1)]);
  for (const mark of ['<<<<<<< ours', '=======', '>>>>>>> theirs']) expect(text).toContain(mark);
  expect(text).toContain(record(2).slice(2, 30).replace('{', '').replaceAll(':', ': ').trim());
  expect(readSuppressions(makeSource('s', text)).problems).not.toEqual([]);
});

test('comments of both sides stay', () => {
  const base = `# head\n\n# about one\n${record(1)}`;
  const ours = `# head\n# more\n\n# about one\n${record(1)}# about two\n${record(2)}`;
  const theirs = `# head\n\n# about one\n# seen again\n${record(1)}# the end\n`;
  const { text } = merge({ base, ours, theirs });
  for (const line of [
    '# head',
    '# more',
    '# about one',
    '# seen again',
    '# about two',
    '# the end',
  ])
    expect(text.split('\n').filter((each) => each === line)).toEqual([line]);
});

test('a comment inside a record that spans lines is kept above it', () => {
  const long = `- fingerprint: "${print(1)}"\n  # because\n  reason: waits for the migration # really\n  owner: mara\n  created: 2026-01-01\n  expires: 2026-06-01\n`;
  const { text } = merge({ base: long, ours: long + record(2), theirs: long });
  expect(text).toContain('# because\n# really\n- {"fingerprint"');
  expect(printsOf(text).length).toBe(2);
});

test.each([
  ['a conflict marker', `<<<<<<< x\n${record(1)}`],
  ['no list', 'a: b\n'],
  ['a record without fingerprint', '- {owner: x}\n'],
  ['a fingerprint twice', record(1) + record(1)],
  ['no YAML', '- {'],
])('%s is refused', (_, theirs) => {
  expect(mergeSuppressions({ base: '', ours: record(1), theirs })).toHaveProperty('problems');
});

describe('properties', () => {
  const anySide = fc
    .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom('mara', 'ada', 'li')), {
      selector: ([digit]) => digit,
    })
    .map((records) => new Map(records));
  const render = (side: ReadonlyMap<number, string>) =>
    side.size === 0 ? '' : [...side].map(([digit, owner]) => record(digit, { owner })).join('');

  test('no addition, change or removal is lost, and sides do not matter', () => {
    fc.assert(
      fc.property(anySide, anySide, anySide, (base, ours, theirs) => {
        const [b, o, t] = [render(base), render(ours), render(theirs)];
        const { text, conflicts } = merge({ base: b, ours: o, theirs: t });
        expect(merge({ base: b, ours: t, theirs: o }).conflicts.toSorted()).toEqual(
          conflicts.toSorted(),
        );
        for (let digit = 1; digit <= 9; digit += 1) {
          const [was, mine, yours] = [base, ours, theirs].map((side) => side.get(digit));
          const changed = [mine, yours].filter((each) => each !== was);
          const isConflict = new Set(changed).size > 1;
          expect(conflicts.includes(print(digit))).toBe(isConflict);
          if (isConflict) continue;
          const expected = changed.length > 0 ? changed[0] : was;
          const line = expected === undefined ? undefined : `"owner": "${expected}"`;
          const found = text.split('\n').find((each) => each.includes(print(digit)));
          if (line === undefined) expect(found).toBeUndefined();
          else expect(found).toContain(line);
        }
      }),
    );
  });
});

test('what is written is read again', () => {
  const text = fc.string({ unit: 'grapheme' });
  const comment = fc.stringMatching(/^[ -~]{1,20}$/).map((each) => ` ${each.trim()}x`);
  const records = fc.uniqueArray(
    fc.record({
      digit: fc.integer({ min: 1, max: 9 }),
      reason: text,
      comments: fc.array(comment, { maxLength: 2 }),
    }),
    { selector: ({ digit }) => digit },
  );
  fc.assert(
    fc.property(
      records,
      fc.array(comment, { maxLength: 2 }),
      fc.array(comment, { maxLength: 2 }),
      (all, head, foot) => {
        const file = {
          head,
          foot: all.length === 0 ? [] : foot,
          records: all
            .map(({ digit, reason, comments }) => ({
              ...{
                fingerprint: print(digit),
                fields: { fingerprint: print(digit), reason },
                comments,
              },
            }))
            .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)),
        };
        const written = renderRecords(file);
        const read = readRecords(written);
        if (typeof read === 'string') throw new Error(read);
        expect(read.records.map(({ fields }) => fields)).toEqual(
          file.records.map(({ fields }) => fields),
        );
        expect(renderRecords(read)).toBe(written);
        const count = (line: string) => line.startsWith('#');
        expect(written.split('\n').filter(count).length).toBe(
          head.length + file.foot.length + file.records.flatMap(({ comments }) => comments).length,
        );
      },
    ),
  );
});

describe('the list form', () => {
  const entry = (digit: number, comment = '') => `${print(digit)}${comment}\n`;
  const textOf = (answer: MergeAnswer) =>
    'problems' in answer ? answer.problems.join() : answer.text;

  test('additions, removals and comments of both sides', () => {
    const base = `# head\n${entry(1)}${entry(2, '  # old')}${entry(3)}`;
    const ours = `# head\n${entry(1, '  # mine')}${entry(3)}# new\n${entry(4)}`;
    const theirs = `# head\n${entry(1)}${entry(2, '  # old')}${entry(5)}`;
    expect(textOf(mergeSuppressionLists({ base, ours, theirs }))).toBe(
      `# head\n${entry(1, '  # mine')}# new\n${entry(4)}${entry(5)}`,
    );
  });

  test('two comments on one entry are both kept', () => {
    const texts = { base: entry(1), ours: entry(1, ' # a'), theirs: entry(1, ' # b') };
    expect(textOf(mergeSuppressionLists(texts))).toBe(`${print(1)} # a / b\n`);
  });

  test('removed on one side and commented on the other: it stays', () => {
    const changed = entry(1, ' # b');
    expect(textOf(mergeSuppressionLists({ base: entry(1), ours: '', theirs: changed }))).toContain(
      print(1),
    );
    expect(textOf(mergeSuppressionLists({ base: entry(1), ours: changed, theirs: '' }))).toContain(
      print(1),
    );
  });
});
