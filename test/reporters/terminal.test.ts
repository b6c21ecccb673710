import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { renderTerminal } from '../../src/reporters/terminal.ts';
import { expectGolden } from './golden.ts';
import { firstUnseen, hostileStrings, obeyedLines, poison } from './hostile.ts';
import { cutState, failedState, objects, passedState } from './state.ts';

const plain = { objects, width: 100, colour: false, bundle: '.seatrial/runs/x' };

test.each([
  ['failed', failedState],
  ['passed', passedState],
  ['cut', cutState],
] as const)('a run that %s', async (name, state) => {
  const text = renderTerminal(state, plain);
  expect(renderTerminal(state, plain)).toBe(text);
  await expectGolden(text, `terminal-${name}.txt`);
});

test('colour adds nothing but colour', () => {
  const coloured = renderTerminal(failedState, { ...plain, colour: true });
  expect(coloured).toContain('\u001b[31m');
  expect(coloured.replace(/\u001b\[\d+m/gu, '')).toBe(renderTerminal(failedState, plain));
});

test.each([40, 60, 80, 120])('fits %d columns', (width) => {
  const lines = renderTerminal(failedState, { ...plain, width }).split('\n');
  // Ids, digests and commands stay whole, so that they can be copied.
  const tooWide = lines.filter(
    (line) => stringWidth(line) > width && line.trim().split(' ').length > 2,
  );
  expect(tooWide.filter((line) => !/[0-9a-f]{12}|evidence\/|seatrial verify/u.test(line))).toEqual(
    [],
  );
});

test('long lists are cut, and say so', () => {
  const checks = Array.from({ length: 130 }, () => failedState.checks).flat();
  const text = renderTerminal({ ...failedState, checks }, plain);
  expect(text).toContain('Failed (130)');
  expect(text.match(/… and 30 more, see the report/gu)).toHaveLength(4);
});

test.each(Object.keys(hostileStrings))('hostile text is inert: %s', (name) => {
  const { state, objects: hostile } = poison(hostileStrings[name] ?? '');
  const text = renderTerminal(state, { ...plain, objects: hostile });
  expect(firstUnseen(text)).toBeUndefined();
  expect(obeyedLines(text)).toEqual([]);
});

test('canary: the line detector sees forged commands', () => {
  expect(obeyedLines(hostileStrings['commands'] ?? '')).toHaveLength(5);
  expect(obeyedLines(hostileStrings['marker'] ?? '')).toHaveLength(1);
});
