import fc from 'fast-check';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findingsImport } from '../../src/cli/commands/findings-import.ts';
import { readPieces, wholeLength } from '../../src/cli/findings-stream.ts';
import { runCommand } from './run-command.ts';

let cwd = '';
beforeEach(() => {
  cwd = fs.mkdtempSync(join(tmpdir(), 'seatrial-stream-'));
});
afterEach(() => {
  fs.rmSync(cwd, { recursive: true, force: true });
});

/** As long as one piece of a stream. */
const pieceBytes = 1 << 20;

const importOf = (content: string | Uint8Array, kind = 'junit') => {
  fs.writeFileSync(join(cwd, 'r.xml'), content);
  return runCommand(findingsImport, ['--input', `${kind}:r.xml`], { cwd });
};

test('a piece never ends inside a character', () => {
  const bytes = Buffer.from('aé€😀');
  const ends = new Set([0, 1, 3, 6, 10]);
  for (let length = 0; length <= bytes.length; length += 1) {
    const whole = wholeLength(bytes.subarray(0, length));
    expect(ends.has(whole)).toBe(true);
    expect(length - whole).toBeLessThan(4);
  }
  const anyBytes = fc.uint8Array({ maxLength: 9 });
  fc.assert(
    fc.property(anyBytes, (some) => {
      expect(some.length - wholeLength(some)).toBeLessThan(4);
      expect(wholeLength(some)).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('a text is the same whatever its pieces', async () => {
  const text = `\uFEFF${'é€😀\n'.repeat(300_000)}`;
  fs.writeFileSync(join(cwd, 't'), text);
  let read = '';
  await readPieces('t', { cwd }, (piece) => {
    read += piece;
  });
  expect(read === text.slice(1)).toBe(true);
});

test.each([
  ['in the first line', '<testsuite name="é', '1:19'],
  ['in the last of many lines', `<testsuite>\n${' \n'.repeat(pieceBytes)}<t`, '1048578:3'],
  ['far into one line', `<testsuite name="${'é'.repeat(pieceBytes)}`, '1:1048594'],
])('bytes that are no UTF-8 have a place: %s', async (_, before, place) => {
  const { code, err } = await importOf(Buffer.concat([Buffer.from(before), Buffer.from([0xff])]));
  expect([code, err.split('\n')[0]]).toEqual([2, `r.xml:${place}: it is not UTF-8`]);
});

test.each([
  [
    'junit',
    '<testsuite>\n<testcase name="a">',
    'r.xml:2:19: not well-formed: unclosed tag: testcase',
  ],
  ['ctrf', '{"results": {\n"tests": [}', 'r.xml:2:11: it is not JSON: expected a value'],
  ['ctrf', Buffer.from([0x7b, 0x0a, 0xc3]), 'r.xml:2:1: it is not UTF-8'],
  ['tap', '1..1\nok 1\nok 1\n', 'r.xml:3:1: number 1 came twice'],
  ['sarif', '\uFEFF{"version": 2}', 'r.xml:1:13: it is not SARIF 2.1.0'],
])('a broken report ends with code 2 and its place: %s', async (kind, content, told) => {
  const { code, out, err } = await importOf(content, kind);
  expect([code, out, err.split('\n')[0]]).toEqual([2, '', told]);
});
