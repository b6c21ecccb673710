// No row of the acceptance list can be lost: each has a line in `npm run acceptance:coop-cloud` and a test
// that bears its name, and what the line leans on is there.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { coopRows } from '../../scripts/coop-cloud-rows.ts';
import { decodeSource } from '../../src/diagnostics/source.ts';
import { loadCanaries } from '../../src/scenario/canaries.ts';

const numbered = (prefix: string, count: number, closedElsewhere: readonly number[] = []) =>
  Array.from({ length: count }, (_, at) => at + 1)
    .filter((number) => !closedElsewhere.includes(number))
    .map((number) => `${prefix}-${String(number).padStart(2, '0')}`);

/** FG-18 and LK-11 are about the service that takes orders. */
const everyRow: readonly string[] = [
  ...numbered('FG', 21, [18]),
  ...numbered('FR', 8),
  ...numbered('LK', 11, [11]),
  ...['HC1', 'HC2', 'HC3', 'DG1', 'DG2', 'DG3', 'DG4', 'DG5', 'DG7', 'DG8'],
];

const itself = 'packs/coop-cloud-rows.test.ts';
const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.test.ts') && path !== itself,
);
const texts = new Map(files.map((path) => [path, readFileSync(join('test', path), 'utf8')]));
const id = String.raw`(?:(?:FG|FR|LK)-\d{2}|HC\d|DG\d)`;
/** A title that begins with rows, or a row by itself in a table of titles. */
const titles = new RegExp(String.raw`['"\`](${id}(?:, ${id})*)(?:: |['"\`])`, 'g');
const namedIn = (text: string): readonly string[] =>
  [...text.matchAll(titles)].flatMap(([, rows = '']) => rows.split(', '));

test('the script has each row once, and no other', () => {
  expect(coopRows.map(({ id: row }) => row).sort()).toEqual([...everyRow].sort());
  expect(coopRows.filter(({ shownBy }) => shownBy.length === 0)).toEqual([]);
});

test('each row is in the name of a test', () => {
  const named = new Set([...texts.values()].flatMap(namedIn));
  expect(everyRow.filter((row) => !named.has(row))).toEqual([]);
  expect([...named].filter((row) => !everyRow.includes(row))).toEqual([]);
});

test('canary: a comment and a reference are no name', () => {
  expect(
    namedIn("// FG-01: a base\ntests('FG-01x'); test(`FG-02: b`); test('HC1, DG2: c')"),
  ).toEqual(['FG-02', 'HC1', 'DG2']);
});

const evidence = coopRows.flatMap(({ id: row, shownBy }) =>
  shownBy.map((each) => [row, each] as const),
);

test('a file of tests that a row names has tests of that name', () => {
  for (const [row, each] of evidence)
    if ('tests' in each)
      for (const path of each.tests) {
        expect(each.row).toBe(row);
        expect(namedIn(texts.get(path.replace('test/', '')) ?? ''), path).toContain(row);
      }
});

test('the planted faults, manifests and branches that rows name are there', () => {
  const planted = (pack: string): readonly string[] => {
    const path = `packs/${pack}/canaries/canaries.yaml`;
    const { canaries = [] } = loadCanaries(decodeSource(path, readFileSync(path)).source);
    return canaries.map((canary) => canary.id);
  };
  const known = { 'coop-cloud': planted('coop-cloud'), floor: planted('floor') };
  const branches = readFileSync('packs/coop-cloud/reference/versions.mjs', 'utf8');
  for (const [row, each] of evidence) {
    if ('canary' in each)
      expect(known[each.pack === 'floor' ? 'floor' : 'coop-cloud'], row).toContain(each.canary);
    const words = 'run' in each ? each.run : 'refused' in each ? each.refused : [];
    for (const word of words) {
      if (word.endsWith('.yaml')) expect(existsSync(word), word).toBe(true);
      const branch = /^git:fault\/(.*)$/.exec(word)?.[1];
      if (branch !== undefined) expect(branches.includes(`'${branch}': {`), branch).toBe(true);
    }
  }
});
