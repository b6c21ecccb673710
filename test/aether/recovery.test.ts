import { describe, expect, test } from 'vitest';
import { checkString } from '../../src/aether/check-text.ts';
import { placeAt } from '../../src/aether/text.ts';
import { faults, generateScript, makeRandom, plant, type Planted } from './generate.ts';

function errorLines(lines: readonly string[]): { code: number; at: (number | undefined)[] } {
  const { source, problems, code } = checkString(lines.join('\n') + '\n');
  const errors = problems.filter(({ severity }) => severity === 'error');
  return {
    code,
    at: errors.map(({ span }) => (span === null ? undefined : placeAt(source, span.start).line)),
  };
}

function plantMany(seed: number, count: number): Planted[] {
  const random = makeRandom(seed);
  const planted: Planted[] = [];
  for (let at = 0; planted.length < count; at += 1) {
    const fault = faults[at % faults.length];
    if (fault === undefined) break;
    const found = plant(random, generateScript(random, 40), fault);
    if (found !== undefined) planted.push(found);
  }
  return planted;
}

describe('recovery', () => {
  test('generated scripts are valid', () => {
    const random = makeRandom(1);
    for (let at = 0; at < 200; at += 1) {
      const lines = generateScript(random, 60);
      expect(checkString(lines.join('\n') + '\n').problems, lines.join('\n')).toEqual([]);
    }
  });

  test('one fault is one error on its line in at least 98 of 100 cases, and never code 0', () => {
    const planted = plantMany(2024, 2000);
    const answers = planted.map(({ lines, at }) => ({ ...errorLines(lines), want: at + 1 }));
    const exact = answers.filter(({ at, want }) => at.length === 1 && at[0] === want);
    expect(exact.length / answers.length).toBeGreaterThanOrEqual(0.98);
    expect(answers.filter(({ code }) => code === 0)).toEqual([]);
    expect(new Set(planted.map(({ kind }) => kind)).size).toBe(faults.length);
  });

  test('faults in k statements give k or k + 1 errors', () => {
    const random = makeRandom(77);
    for (let k = 1; k <= 20; k += 1) {
      const lines = ['goal: "x"'];
      const kinds = [
        'x: foo(1',
        'y: "abc',
        'my key: 5',
        'z: 007',
        'store(1',
        '- a',
        'unknown()',
        'if true',
      ];
      for (let at = 0; at < k; at += 1) {
        lines.push('store(1)', kinds[Math.floor(random() * kinds.length)] ?? '');
        if (lines.at(-1) === 'if true') lines.push('  store(1)');
      }
      lines.push('meta:', '  a: 1', 'parallel:', '  p: reflect()', 'await p', 'store(1)');
      const { at } = errorLines(lines);
      expect(at.length, lines.join('\n')).toBeGreaterThanOrEqual(k);
      expect(at.length, lines.join('\n')).toBeLessThanOrEqual(k + 1);
    }
  });

  test('statements behind a broken one are still checked', () => {
    expect(errorLines(['goal: "x"', 'x: foo(1', 'y: bar(1)'])).toEqual({ code: 20, at: [2, 3] });
  });
});

const table: { name: string; text: string; want: string[] }[] = [
  {
    name: 'a header with an unclosed bracket keeps its block',
    text: 'if foo(1:\n  a: 1\nb: 2\n',
    want: ['E_PARSE_UNBALANCED@1'],
  },
  {
    name: 'low continuation lines of a balanced call are no statements',
    text: 'x: summarize(\nlen([1]),\n2)\n',
    want: [],
  },
  { name: 'a dict may continue at the margin', text: 'metrics({\na: 1,\nb: 2\n})\n', want: [] },
  {
    name: 'a missing opener over many lines is one error',
    text: 'store\n    1,\n    tag="x"\n)\n',
    want: ['E_PARSE_UNBALANCED@4'],
  },
  {
    name: 'a tab for the indentation is one error',
    text: 'if true:\n  a: 1\n\tb: 2\n  c: 3\n',
    want: ['E_LEX_TAB@3'],
  },
  {
    name: 'one blank too many on the first line of a block',
    text: 'if true:\n   a: 1\n  b: 2\n',
    want: ['E_INDENT_UNEXPECTED@2'],
  },
  {
    name: 'a line back to no level',
    text: 'if true:\n    a: 1\n  b: 2\n',
    want: ['E_INDENT_DEDENT@3'],
  },
  {
    name: 'neighbours of an over-indented line pass',
    text: 'a: 1\n  b: 2\n  c: 3\nd: 4\n',
    want: ['E_INDENT_UNEXPECTED@2'],
  },
  {
    name: 'an over-indented first line',
    text: '  a: 1\n  b: 2\n',
    want: ['E_INDENT_UNEXPECTED@1'],
  },
  {
    name: 'an alias that a broken string swallowed',
    text: 'workflow:\n  - summarize("x) as y\n  - store(y)\n',
    want: ['E_LEX_STRING@2'],
  },
  {
    name: 'else behind a broken if',
    text: 'if x ==:\n  a: 1\nelse:\n  b: 2\n',
    want: ['E_PARSE_EXPRESSION@1'],
  },
];

test.each(table)('$name', ({ text, want }) => {
  const { source, problems } = checkString(`meta:\n  k: 1\ngoal: "x"\n${text}`);
  const got = problems
    .filter(({ severity }) => severity === 'error')
    .map(({ code, span }) => `${code}@${String(placeAt(source, span?.start ?? 0).line - 3)}`);
  expect(got).toEqual(want);
});

test.each(['if true', 'for x in [1]', 'workflow', 'parallel', 'on_error'])(
  'a header "%s" without colon and block is one error, behind it',
  (header) => {
    const { problems, decision } = checkString(`goal: "x"\n${header}\nreflect()\n`);
    expect(decision.dialect).toBe('aether-1.1');
    expect(problems.map(({ code, span }) => [code, span?.start])).toEqual([
      ['E_PARSE_HEADER', 10 + header.length],
    ]);
  },
);
