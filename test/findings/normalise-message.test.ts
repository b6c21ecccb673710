import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normaliseMessage } from '../../src/findings/normalise-message.ts';
import { anyText } from './samples.ts';
import { growth, nearlyLinear } from '../cost.ts';

describe('normalised message', () => {
  const table: readonly (readonly [message: string, expected: string])[] = [
    ["unknown function 'foo'", "unknown function 'foo'"],
    ['first\nsecond', 'first'],
    ['\n\n  first\r\nsecond', 'first'],
    ['a \t b  c ', 'a b c'],
    ['\u001b[31mred\u001b[0m text', 'red text'],
    ['expected 3 to be 4', 'expected <n> to be <n>'],
    ['expected "3" to be \'4\' or `5`', 'expected "3" to be \'4\' or `5`'],
    ["can't read 3 of it's 4 parts", "can't read <n> of it's <n> parts"],
    ['took 12 ms', 'took <dur>'],
    ['took 1.5s, limit 30 seconds', 'took <dur>, limit <dur>'],
    ['id 123e4567-e89b-12d3-a456-426614174000 gone', 'id <uuid> gone'],
    ['at 2026-01-02T03:04:05.678Z it broke', 'at <time> it broke'],
    ['at 2026-01-02 03:04:05+01:00', 'at <time>'],
    ['commit deadbeefcafe', 'commit <hex>'],
    ['at 0x7ffdeadbeef0', 'at <hex>'],
    ['cannot open /var/lib/app/data.db: no', 'cannot open data.db: no'],
    ['cannot open /tmp/x1/file12.ts:10:5', 'cannot open file12.ts:<n>:<n>'],
    ['C:\\Users\\me\\a.txt is gone', 'a.txt is gone'],
    ['see https://example.org/a/b', 'see https://example.org/a/b'],
    ['and/or 1/2', 'and/or <n>/<n>'],
    ['version 1.2.3', 'version <n>'],
    ['utf8 and line12 stay', 'utf8 and line12 stay'],
    ['50_000 rows', '<n> rows'],
    ['', ''],
  ];
  test.each(table)('%j', (message, expected) => {
    expect(normaliseMessage(message)).toBe(expected);
  });
});

test('any text gives one line without blanks at its ends, soon', () => {
  fc.assert(
    fc.property(anyText, (message) => {
      const line = normaliseMessage(message);
      expect(line).toBe(line.trim());
      expect(line).not.toMatch(/[\n\r]/);
    }),
  );
});

test.each([
  ['digits and dots', '1.'.repeat(50_000)],
  ['digits', `${'1'.repeat(100_000)}x`],
  ['open quotes', `'a"b`.repeat(30_000)],
  ['slashes', '/a'.repeat(50_000)],
  ['escapes', '\u001b['.repeat(50_000)],
  ['hex', `${'abcdef01'.repeat(20_000)}z`],
  ['blanks', `${' '.repeat(100_000)}x`],
])('hostile text costs by its length: %s', (_, text) => {
  const cost = growth(text.length / 4, (size) => normaliseMessage(text.slice(0, size)));
  expect(cost).toBeLessThan(nearlyLinear);
});
