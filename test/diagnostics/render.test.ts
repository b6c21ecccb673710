import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { renderProblems, renderText } from '../../src/diagnostics/render.ts';
import { makeSource } from '../../src/diagnostics/source.ts';

const at = (start: number, end: number, more: Partial<Diagnostic> = {}): Diagnostic => ({
  code: 'SC002',
  severity: 'error',
  message: 'The key is unknown.',
  span: { start, end },
  ...more,
});

const lines = (text: string, diagnostic: Diagnostic): readonly string[] =>
  renderText(makeSource('seatrial.yaml', text), diagnostic).split('\n');

test('place, message, line, caret and hint', () => {
  const source = makeSource('seatrial.yaml', 'app: x\r\nheath: {}\r\n');
  expect(renderText(source, at(8, 13, { hint: 'Did you mean `health`?' }))).toBe(
    [
      'seatrial.yaml:2:1: error[SC002]: The key is unknown.',
      '  |',
      '2 | heath: {}',
      '  | ^^^^^',
      '  = hint: Did you mean `health`?',
    ].join('\n'),
  );
});

describe('the caret stands below the text', () => {
  test.each([
    ['a tab', '\tab', 1, 3, '\t^^'],
    ['wide characters', '日本: x', 4, 5, '      ^'],
    ['marked wide characters', 'a: 日本', 3, 5, '   ^^^^'],
    ['an emoji', '😀 x', 3, 4, '   ^'],
    ['a combining mark', 'e\u0301 x', 3, 4, '  ^'],
    ['a span to later lines', 'a: |\n  b', 3, 8, '   ^'],
    ['an empty span at the end', 'ab', 2, 2, '  ^'],
  ] as const)('after %s', (...[, text, start, end, caret]) => {
    expect(lines(text, at(start, end))[3]).toBe(`  | ${caret}`);
  });
});

test('a long line is cut around the problem', () => {
  const text = `${'a'.repeat(5000)}X${'b'.repeat(5000)}`;
  const [, , excerpt = '', caret = ''] = lines(text, at(5000, 5001));
  expect(excerpt.length).toBeLessThan(180);
  expect(excerpt[caret.indexOf('^')]).toBe('X');
  expect(lines('b'.repeat(10_000), at(0, 10_000))[3]?.length).toBeLessThan(180);
});

test('nothing of a file steers the terminal', () => {
  const hostile = '\u001b[31m\u0007\u202Ek\u0085: 1';
  const out = renderText(makeSource(`\u001b]0;x`, hostile), at(0, 2, { message: hostile }));

  expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(out).toContain('␛[31m␇');
});

test('a concealed value is shown by no diagnostic of its file', () => {
  const source = makeSource('f', 'env: {KEY: hunter2, b-c: 1}');
  const secret = at(6, 9, { code: 'MF002', conceal: [{ start: 11, end: 18 }] });
  const out = renderProblems([{ source, diagnostics: [at(20, 23), secret] }]);
  expect(out).not.toContain('hunter');
  expect(out.match(/KEY: \*{7}, b-c: 1/g)).toHaveLength(2);
  // Canary: without `conceal` the excerpt shows the line as it is.
  expect(renderProblems([{ source, diagnostics: [at(20, 23)] }])).toContain('hunter2');
});

test('problems are sorted by file, place and code, and capped', () => {
  const a = makeSource('a', 'x\ny\nz');
  const b = makeSource('b', 'x');
  const problems = [
    { source: b, diagnostics: [at(0, 1)] },
    { source: a, diagnostics: [at(4, 5), at(2, 3, { code: 'SC003' }), at(2, 3)] },
  ];
  const heads = (text: string) => text.split('\n').filter((line) => /^\S+:\d|^…/.test(line));
  expect(heads(renderProblems(problems)).map((line) => line.slice(0, 17))).toEqual([
    'a:2:1: error[SC00',
    'a:2:1: error[SC00',
    'a:3:1: error[SC00',
    'b:1:1: error[SC00',
  ]);
  expect(heads(renderProblems(problems))[0]).toContain('SC002');
  expect(heads(renderProblems(problems, { limit: 3 })).at(-1)).toBe('… and 1 more');
});
