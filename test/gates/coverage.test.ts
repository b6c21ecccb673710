import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  changedLines,
  fileFractions,
  isBelow,
  mergeCoverage,
  percent,
  totalOf,
} from '../../src/gates/coverage.ts';
import { readCoverage } from '../../src/gates/coverage-formats.ts';
import { readRecorded, renderRecorded } from '../../src/gates/recorded-coverage.ts';

const paths = { root: '/w' };
const read = (text: string, more: object = {}) => {
  const reading = readCoverage(text, { ...paths, ...more });
  return 'problems' in reading ? reading : fileFractions(reading.coverage);
};
const cobertura = (lines: string, said = ''): string =>
  `<?xml version="1.0"?><coverage ${said}><packages><package><classes><class filename="src/a.ts"><methods><method><lines><line number="1" hits="1"/></lines></method></methods><lines>${lines}</lines></class></classes></package></packages></coverage>`;
const py = (totals: object, missing: readonly number[] = [3]): string =>
  JSON.stringify({
    meta: { version: '7' },
    files: { 'src/a.py': { executed_lines: [1, 2], missing_lines: missing, excluded_lines: [9] } },
    totals,
  });
const istanbul = {
  '/w/src/a.ts': {
    path: '/w/src/a.ts',
    statementMap: {
      0: { start: { line: 1 } },
      1: { start: { line: 1 } },
      2: { start: { line: 4 } },
    },
    s: { 0: 0, 1: 5, 2: 0 },
  },
};

// [what is wrong, report, how it is told]
const untrusted: readonly (readonly [string, string, RegExp])[] = [
  ['LF that does not agree', 'SF:a\nDA:1,2\nLF:7\nend_of_record\n', /LF says 7/u],
  ['a record that does not end', 'SF:a\nDA:1,2\n', /does not end/u],
  ['no line', 'TN:\n', /holds no line/u],
  ['hits that are no number', 'SF:a\nDA:1,NaN\nend_of_record\n', /no DA record/u],
  [
    'lines-valid that does not agree',
    cobertura('<line number="1" hits="1"/>', 'lines-valid="9"'),
    /lines-valid says 9/u,
  ],
  ['XML that is none', '<coverage><', /no XML/u],
  ['a document type that defines', '<!DOCTYPE x [<!ENTITY a "b">]><coverage/>', /defines/u],
  ['totals that do not agree', py({ covered_lines: 9 }), /covered_lines says 9/u],
  ['a line executed and missing', py({}, [2]), /executed and missing/u],
  ['an Istanbul summary', '{"total":{"lines":{"pct":85.37}}}', /summary/u],
  ['a file outside the tree', 'SF:/etc/passwd\nDA:1,1\nend_of_record\n', /outside the tree/u],
  ['line 0', 'SF:a\nDA:0,1\nend_of_record\n', /no DA record/u],
  ['negative hits', 'SF:a\nDA:1,-1\nend_of_record\n', /no DA record/u],
  ['hits beyond all numbers', `SF:a\nDA:1,${'9'.repeat(400)}\nend_of_record\n`, /no DA record/u],
  ['LH that is no number', 'SF:a\nDA:1,1\nLH:NaN\nend_of_record\n', /LH says NaN/u],
  ['a DA record of no file', 'DA:1,1\nSF:a\nDA:1,1\nend_of_record\n', /line 1 is no DA/u],
  ['an empty text', '', /holds no line/u],
  ['a line without a number', cobertura('<line hits="1"/>'), /no number, hits or file/u],
  ['a line called x', cobertura('<line number="x" hits="1"/>'), /no number, hits or file/u],
  [
    'lines-covered that is no number',
    cobertura('<line number="1" hits="1"/>', 'lines-covered="NaN"'),
    /lines-covered says NaN/u,
  ],
  ['no lists of lines', '{"meta":{},"files":{"a":{}}}', /no lists of lines/u],
  ['totals of another kind', py({ covered_lines: 'NaN' }), /covered_lines says "NaN"/u],
  ['JSON of nothing', '{}', /holds no line/u],
  ['JSON that is none', '{"meta":', /no JSON/u],
  [
    'a statement on line 0',
    JSON.stringify({ a: { statementMap: { 0: { start: { line: 0 } } }, s: { 0: 1 } } }),
    /no line or count/u,
  ],
  [
    'a statement that ran −1 times',
    JSON.stringify({ a: { statementMap: { 0: { start: { line: 1 } } }, s: { 0: -1 } } }),
    /no line or count/u,
  ],
  [
    'a statement without a count',
    JSON.stringify({ a: { statementMap: { 0: { start: { line: 1 } } }, s: {} } }),
    /no line or count/u,
  ],
  ['a file above the tree', 'SF:../a\nDA:1,1\nend_of_record\n', /outside the tree/u],
];

describe('formats', () => {
  // [format, report, covered, total]
  test.each<readonly [string, string, number, number]>([
    ['LCOV', 'SF:src/a.ts\nDA:1,2\nDA:2,0\nLF:2\nLH:1\nend_of_record\n', 1, 2],
    [
      'LCOV, one file twice',
      'SF:src/a.ts\nDA:1,0\nend_of_record\nSF:/w/src/a.ts\nDA:1,3\nend_of_record\n',
      1,
      1,
    ],
    [
      'Cobertura',
      cobertura(
        '<line number="1" hits="1"/><line number="2" hits="0"/>',
        'lines-valid="2" lines-covered="1"',
      ),
      1,
      2,
    ],
    ['coverage.py', py({ covered_lines: 2, num_statements: 3 }), 2, 3],
    ['Istanbul', JSON.stringify(istanbul), 1, 2],
  ])('%s', (_format, report, covered, total) => {
    expect(Object.values(read(report))).toEqual([{ covered, total }]);
    expect(Object.keys(read(report))).toEqual([report.includes('a.py') ? 'src/a.py' : 'src/a.ts']);
  });

  test.each(untrusted)('%s is refused', (_what, report, told) => {
    const reading = readCoverage(report, paths);
    expect('problems' in reading ? reading.problems.join() : 'read').toMatch(told);
  });

  test('paths are stripped and mapped', () => {
    const report = 'SF:/build/x/a.ts\nDA:1,1\nend_of_record\n';
    expect(Object.keys(read(report, { strip: '/build/' }))).toEqual(['x/a.ts']);
    expect(Object.keys(read(report, { map: { '/build/x': 'src' } }))).toEqual(['src/a.ts']);
  });
});

describe('figures', () => {
  // 85.37 % → 85.36 % must be a fall, and 85.37 neither 37 nor 85.
  test.each<readonly [number, number, number, number, number, boolean]>([
    [8536, 10_000, 8537, 10_000, 0, true],
    [8537, 10_000, 8537, 10_000, 0, false],
    [8536, 10_000, 8537, 10_000, 0.01, false],
    [8535, 10_000, 8537, 10_000, 0.01, true],
    [1, 3, 333_333, 1_000_000, 0, false],
    [9, 10, 1, 2, 0, false],
  ])('%i/%i against %i/%i, tolerance %d: fell %s', (...[a, b, c, d, tolerance, fell]) => {
    expect(isBelow({ covered: a, total: b }, { covered: c, total: d }, tolerance)).toBe(fell);
  });

  test('shown with four decimals, rounded down', () => {
    expect(percent({ covered: 2, total: 3 })).toBe('66.6666 %');
    expect(percent({ covered: 1, total: 1 })).toBe('100.0000 %');
    expect(percent({ covered: 0, total: 7 })).toBe('0.0000 %');
  });

  test('merging never loses a line that ran', () => {
    const lines = fc.dictionary(fc.constantFrom('1', '2', '3'), fc.boolean());
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const part = (given: Record<string, boolean>) =>
          new Map([
            ['f', new Map(Object.entries(given).map(([n, hit]) => [Number(n), hit] as const))],
          ]);
        const merged = mergeCoverage([part(a), part(b)]).get('f') ?? new Map<number, boolean>();
        for (const n of ['1', '2', '3'])
          expect(merged.get(Number(n)) ?? false).toBe((a[n] ?? false) || (b[n] ?? false));
      }),
    );
  });

  test('changed lines that did not run are named', () => {
    const coverage = new Map([
      [
        'a.ts',
        new Map([
          [1, true],
          [2, false],
        ]),
      ],
    ]);
    const changes = [{ path: 'a.ts', status: 'modified' as const, lines: [1, 2, 3] }];
    expect(changedLines(coverage, changes)).toEqual({
      fraction: { covered: 1, total: 2 },
      uncovered: ['a.ts:2'],
    });
  });
});

test('a recorded coverage is read back, and refused when it was changed or is of another commit', () => {
  const [commit, other] = ['a'.repeat(40), 'b'.repeat(40)];
  const files = { 'a.ts': { covered: 1, total: 2 } };
  const text = renderRecorded(commit, '2026-01-01T00:00:00.000Z', files);
  const recorded = readRecorded(text, commit);
  expect('fault' in recorded ? recorded : totalOf(recorded.files)).toEqual({
    covered: 1,
    total: 2,
  });
  expect(readRecorded(text, other)).toEqual({ fault: 'it is of commit aaaaaaaaaaaa' });
  expect(readRecorded(text.replace('"covered": 1', '"covered": 2'), commit)).toEqual({
    fault: 'it was changed after it was recorded',
  });
});
