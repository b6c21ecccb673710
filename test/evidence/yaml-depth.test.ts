import { expect, test } from 'vitest';
import { makeSource } from '../../src/diagnostics/source.ts';
import { parseKeys } from '../../src/evidence/keys.ts';
import { tooDeepAt } from '../../src/evidence/yaml-depth.ts';

test.each<readonly [what: string, text: string, at: number | undefined]>([
  ['brackets', '['.repeat(201), 200],
  ['as many as allowed', '['.repeat(200), undefined],
  ['brackets that close', '[]'.repeat(500), undefined],
  ['braces in lines', '{\n'.repeat(201), 400],
  ['comments', `# ${'['.repeat(500)}\na: 1\n`, undefined],
  ['a list in a list', `a: 1\n${'- '.repeat(101)}`, 5],
  ['indentation', `a: 1\n${' '.repeat(201)}b: 1`, 5],
  ['a long line of text', `a: ${'- '.repeat(500)}`, undefined],
])('%s', (_, text, at) => {
  expect(tooDeepAt(text)).toBe(at);
});

test('a file of keys that would exhaust the stack is refused before it is parsed', () => {
  for (const text of ['['.repeat(20_000), '{"a":'.repeat(20_000), '- '.repeat(20_000)]) {
    const { keys, diagnostics } = parseKeys(makeSource('k', text));
    expect([keys, diagnostics.map(({ code }) => code)]).toEqual([[], ['KY001']]);
  }
});
