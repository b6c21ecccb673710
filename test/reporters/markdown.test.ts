import { marked, type Token } from 'marked';
import { expect, test } from 'vitest';
import { renderMarkdown } from '../../src/reporters/markdown.ts';
import { expectGolden } from './golden.ts';
import { firstUnseen, hostileStrings, obeyedLines, poison } from './hostile.ts';
import { cutState, failedState, objects, passedState } from './state.ts';

/** Every token of the document, code excepted: what a forge could act on. */
function live(text: string): readonly Token[] {
  const found: Token[] = [];
  void marked.walkTokens(marked.lexer(text), (token) => {
    if (token.type !== 'code' && token.type !== 'codespan') found.push(token);
  });
  return found;
}

const ofType = (text: string, ...types: readonly string[]): readonly Token[] =>
  live(text).filter(({ type }) => types.includes(type));

/** Words outside code that a forge turns into mentions, references or links. */
const mentions = (text: string): readonly string[] =>
  ofType(text, 'text')
    .filter((token) => !('tokens' in token))
    .filter(({ raw }) => /@\w|#\d|https?:|^\/\w/u.test(raw))
    .map(({ raw }) => raw);

test.each([
  ['failed', failedState],
  ['passed', passedState],
  ['cut', cutState],
] as const)('a run that %s', async (name, state) => {
  const text = renderMarkdown(state, { objects });
  expect(mentions(text)).toEqual([]);
  await expectGolden(text, `markdown-${name}.md`);
});

test.each(Object.keys(hostileStrings))('hostile text stays code: %s', (name) => {
  const { state, objects: hostile } = poison(hostileStrings[name] ?? '');
  const text = renderMarkdown(state, { objects: hostile });
  expect(firstUnseen(text)).toBeUndefined();
  expect(obeyedLines(text)).toEqual([]);
  expect(mentions(text)).toEqual([]);
  expect(ofType(text, 'link', 'image')).toEqual([]);
  expect(ofType(text, 'html').map(({ raw }) => raw)).toEqual(['<sub>', '</sub>']);
  expect(ofType(text, 'heading').length).toBe(
    ofType(renderMarkdown(failedState, { objects }), 'heading').length,
  );
  expect(ofType(text, 'table')).toHaveLength(1);
});

test('every row of the table has four cells, bars in names notwithstanding', () => {
  const [table] = ofType(renderMarkdown(poison('a|b`c').state, { objects }), 'table');
  expect((table as { rows?: unknown[][] }).rows?.map((row) => row.length)).toEqual(
    Array(7).fill(4),
  );
});

test('canary: the same text outside code is seen', () => {
  const text = hostileStrings['markdown'] ?? '';
  expect(mentions('@everyone')).not.toEqual([]);
  expect(ofType(text, 'image', 'heading', 'html').length).toBeGreaterThan(1);
});

test('what does not fit is named, and the end is always there', () => {
  const checks = Array.from({ length: 500 }, (_, at) =>
    failedState.checks.map((each) => ({ ...each, id: `${each.id}.${String(at)}` })),
  ).flat();
  const text = renderMarkdown({ ...failedState, checks }, { objects, limit: 5000 });
  expect(text.length).toBeLessThanOrEqual(5000);
  expect(text).toContain('Left out for length');
  expect(text).toContain('seatrial verify');
  const whole = renderMarkdown({ ...failedState, checks }, { objects });
  expect(whole.length).toBeLessThan(60_001);
  expect(whole).toContain('- 480 more, see the report');
});
