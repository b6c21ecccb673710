import fc from 'fast-check';
import { expect, test } from 'vitest';
import { block, disarm, inline, wellFormed } from '../../src/reporters/neutralise.ts';
import { firstUnseen, hostileStrings } from './hostile.ts';
import { growth, nearlyLinear } from '../cost.ts';

const unicode = fc.string({ unit: 'binary', maxLength: 60 });

test.each([
  ['plain text', 'plain text'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u0007', 'link'],
  ['\u001bPq#0\u001b\\after', 'after'],
  ['\u001b(B\u001b=ok', 'ok'],
  ['\u009b2Jx', 'x'],
  ['cut \u001b[31', 'cut [U+001B][31'],
  ['cut \u001b]0;x', 'cut [U+001B]]0;x'],
  ['a\r\nb\rc', 'a\nb[U+000D]c'],
  ['a\u202eb', 'a[U+202E]b'],
  ['\ud800', '[U+D800]'],
  ['tag \u{e0041}', 'tag [U+E0041]'],
  ['漢字 👍', '漢字 👍'],
])('block %j', (text, expected) => {
  expect(block(text)).toBe(expected);
});

test('an unfinished sequence swallows no further line', () => {
  expect(block('\u001b]0;hidden\nFAILED: visible\u0007')).toContain('FAILED: visible');
});

test('one line stays one line, whatever it is', () => {
  fc.assert(
    fc.property(unicode, (text) => {
      expect(firstUnseen(inline(text))).toBeUndefined();
      expect(inline(text)).not.toMatch(/[\n\t]/u);
      expect(block(block(text))).toBe(block(text));
    }),
  );
});

test('nothing hostile remains, and matching stays linear', () => {
  for (const text of Object.values(hostileStrings))
    expect(firstUnseen(block(text))).toBeUndefined();
  for (const unit of ['\u001b]', '\u001b[', '\u001bP', '\u001b', '\u001b[1;', '\u009b0'])
    expect(
      growth(50_000, (size) => block(unit.repeat(size))),
      unit,
    ).toBeLessThan(nearlyLinear);
});

test('canary: the detector sees what is left raw', () => {
  for (const name of ['ansi', 'controls', 'surrogates', 'noncharacters', 'direction', 'invisible'])
    expect(firstUnseen(hostileStrings[name] ?? '')).toBeDefined();
});

test('commands of build servers are disarmed, other marks are kept', () => {
  expect(disarm('a ##[error]x ##vso[y] ## title')).toBe('a # #[error]x # #vso[y] ## title');
  expect(disarm('::error::x\n ::stop a::b')).toBe(': :error::x\n : :stop a::b');
});

test('lone surrogates have no UTF-8 form and are replaced', () => {
  expect(wellFormed('a\ud800b👍')).toBe('a\ufffdb👍');
});
