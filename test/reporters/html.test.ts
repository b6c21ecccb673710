import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { renderHtml } from '../../src/reporters/html.ts';
import { expectGolden } from './golden.ts';
import { firstUnseen, hostileStrings, poison } from './hostile.ts';
import { cutState, evidence, failedState, objects, passedState } from './state.ts';

const tagsOf = (page: string): ReadonlySet<string> =>
  new Set([...page.matchAll(/<([a-z][a-z0-9]*)/giu)].map(([, name = '']) => name));

test.each([
  ['failed', failedState],
  ['passed', passedState],
  ['cut', cutState],
] as const)('a run that %s', async (name, state) => {
  const page = renderHtml(state, { objects, bundle: '.seatrial/runs/x' });
  expect(renderHtml(state, { objects, bundle: '.seatrial/runs/x' })).toBe(page);
  await expectGolden(page, `report-${name}.html`);
});

test('the policy allows exactly the style and the script that are there', () => {
  const page = renderHtml(failedState, { objects });
  for (const kind of ['style', 'script']) {
    const [, content = ''] = new RegExp(`<${kind}>([^]*?)</${kind}>`, 'u').exec(page) ?? [];
    const digest = createHash('sha256').update(content).digest('base64');
    expect(page).toContain(`${kind}-src 'sha256-${digest}'`);
  }
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/ style="| on[a-z]+="|javascript:/u);
});

test.each(Object.keys(hostileStrings))('hostile text adds no element: %s', (name) => {
  const page = renderHtml(
    poison(hostileStrings[name] ?? '').state,
    poison(hostileStrings[name] ?? ''),
  );
  expect(tagsOf(page)).toEqual(tagsOf(renderHtml(failedState, { objects })));
  expect(page.match(/<script/gu)).toHaveLength(1);
  expect(firstUnseen(page)).toBeUndefined();
});

test('canary: an unescaped element is seen', () => {
  const page = renderHtml(failedState, { objects }).replace('notes', '<img src=x>');
  expect(tagsOf(page)).not.toEqual(tagsOf(renderHtml(failedState, { objects })));
});

test('evidence is shown as it is, its first line break included', () => {
  const ref = evidence('e', '\n\nsecond', 'text/plain');
  const checks = failedState.checks.map((check) => ({ ...check, evidence: [ref] }));
  expect(renderHtml({ ...failedState, checks }, { objects })).toContain(
    '<pre tabindex="0">\n\n\nsecond</pre>',
  );
});

test('a page stays bounded, and says what it left out', () => {
  const text = 'x'.repeat(64 * 1024);
  const checks = Array.from({ length: 200 }, (_, at) => ({
    ...(failedState.checks[0] ?? failedState.checks[1]),
    id: `floor.many.${String(at)}`,
    evidence: [evidence(`e${String(at)}`, `${String(at)}${text}`, 'text/plain')],
  })) as typeof failedState.checks;
  const page = renderHtml({ ...failedState, checks }, { objects });
  expect(page.length).toBeLessThan(10 * 1024 * 1024);
  expect(page).toContain('Left out of this page for size');
});
