import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkBytes, checkString } from '../../src/aether/check-text.ts';
import { lex } from '../../src/aether/lex.ts';
import { decodeString, encodeString } from '../../src/aether/literal.ts';
import { ruleClass } from '../../src/aether/rules.ts';
import { decodeText, encodeText, makeText, placeAt } from '../../src/aether/text.ts';
import { generateScript, makeRandom } from './generate.ts';

const pieces = [
  ...[
    'goal: "x"',
    'if',
    'for x in',
    'await',
    'policy:',
    'workflow:',
    '- ',
    'on_error:',
    'when:',
    'do:',
  ],
  ...['"', "'", '(', ')', '[', ']', '{', '}', ':', ',', '.', '=', '==', '#', '\\', '$', '→', '@'],
  ...[
    '\n',
    '\r',
    '\r\n',
    '\t',
    ' ',
    '  ',
    '    ',
    '\0',
    '\f',
    '\ufeff',
    '\u2028',
    '\ud800',
    '\udcff',
    '😀',
    'é',
  ],
  ...[
    'store(1)',
    'x',
    '007',
    '1.5',
    '30s',
    'not',
    '-',
    'true',
    'transaction:',
    'parallel:',
    'fn f {',
    'end',
  ],
];
const texts = fc
  .array(fc.constantFrom(...pieces), { maxLength: 60 })
  .map((parts) => parts.join(''));
const raw = fc.oneof(texts, fc.string({ unit: 'binary', maxLength: 80 }));

describe('any input', () => {
  test('tokens tile the source', () => {
    fc.assert(
      fc.property(raw, (text) => {
        const { tokens } = lex(text);
        expect(tokens.map(({ value }) => value).join('')).toBe(text);
        let at = 0;
        for (const { start, end } of tokens) {
          expect(start).toBe(at);
          expect(end).toBeGreaterThan(start);
          at = end;
        }
      }),
    );
  });

  test('is answered with a code of the table, with places inside the file', () => {
    fc.assert(
      fc.property(raw, (text) => {
        const { code, problems, source, main } = checkString(text);
        expect([0, 20, 24, 25]).toContain(code);
        expect(code === 0).toBe(main === undefined);
        for (const { span } of problems)
          if (span !== null) {
            expect(span.start).toBeLessThanOrEqual(span.end);
            expect(span.end).toBeLessThanOrEqual(source.text.length);
            expect(placeAt(source, span.end).offset).toBeLessThanOrEqual(source.byteLength);
          }
      }),
      { numRuns: 400 },
    );
  });

  test('bytes come back as they were', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(Buffer.from(encodeText(decodeText('', bytes)))).toEqual(Buffer.from(bytes));
        expect(checkBytes(bytes).code).not.toBe(27);
      }),
    );
  });

  test('a file that is not UTF-8 never answers 0', () => {
    const good = new TextEncoder().encode('goal: "x"\n# ');
    fc.assert(
      fc.property(fc.integer({ min: 0x80, max: 0xff }), (byte) => {
        expect(checkBytes(Uint8Array.of(...good, byte, 0x0a)).code).toBe(20);
      }),
    );
  });

  test('strings come back from their literals', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(decodeString(encodeString(value))).toBe(value);
        expect(lex(encodeString(value)).faults).toEqual([]);
      }),
    );
  });
});

test('byte offsets count what is before: mark, multi-byte and escaped bytes', () => {
  const source = decodeText('', Uint8Array.of(0xef, 0xbb, 0xbf, 0xc3, 0xa9, 0xff, 0x0a, 0x41));
  expect(placeAt(source, 1)).toEqual({ line: 1, column: 2, offset: 5 });
  expect(placeAt(source, 3)).toEqual({ line: 2, column: 1, offset: 7 });
  expect(source.byteLength).toBe(8);
  expect(placeAt(makeText('', '😀\r\rx'), 4)).toEqual({ line: 3, column: 1, offset: 6 });
});

/** Processor milliseconds of the quickest of three checks; other load on the machine does not count. */
function quickest(text: string): number {
  const times = [1, 2, 3].map(() => {
    const start = process.cpuUsage();
    checkBytes(new TextEncoder().encode(text), { bytesMax: 200_000_000 });
    return process.cpuUsage(start).user / 1000;
  });
  return Math.min(...times);
}

const heavy: { name: string; make: (size: number) => string }[] = [
  { name: 'openers', make: (size) => '('.repeat(size) },
  { name: 'mixed openers over lines', make: (size) => 'x: foo([{(\n'.repeat(size / 10) },
  { name: 'arguments', make: (size) => `x: foo(${'1, '.repeat(size / 3)})` },
  { name: 'closers', make: (size) => ')'.repeat(size) },
  { name: 'nots', make: (size) => `x: ${'not '.repeat(size / 4)}` },
  { name: 'minuses', make: (size) => `x: ${'-'.repeat(size)}1` },
  { name: 'sums', make: (size) => `x: 1${'+1'.repeat(size / 2)}` },
  {
    name: 'unknown names',
    make: (size) =>
      Array.from({ length: size / 10 }, (_, at) => `n${String(at)}: m${String(at)}`).join('\n'),
  },
  { name: 'a blank line each', make: (size) => `foo(${'\n'.repeat(size)}` },
  { name: 'one long string', make: (size) => `goal: "${'a'.repeat(size)}"` },
  { name: 'backslashes', make: (size) => `goal: "${'\\\\'.repeat(size / 2)}"` },
  { name: 'percent signs', make: (size) => `x: ${'1%'.repeat(size / 2)}` },
  { name: 'children of a call', make: (size) => 'foo(1)\n  bar(1)\n'.repeat(size / 16) },
  { name: 'orphan closers', make: (size) => 'a\n  b\n)\n'.repeat(size / 8) },
  { name: 'tabs', make: (size) => 'if x:\n\ta: 1\n'.repeat(size / 12) },
  {
    name: 'parallel names',
    make: (size) =>
      `parallel:\n${Array.from({ length: size / 20 }, (_, at) => `  p${String(at)}: reflect()`).join('\n')}`,
  },
  { name: 'bad awaits', make: (size) => 'parallel:\n  p: reflect()\nawait q\n'.repeat(size / 32) },
  {
    name: 'awaits of one list',
    make: (size) =>
      `await ${Array.from({ length: size / 6 }, (_, at) => `a${String(at)}`).join(', ')}`,
  },
];

test.each(heavy)('$name take linear time', ({ make }) => {
  const small = quickest(make(12_000));
  const large = quickest(make(96_000));
  // Eight times the input; noise on a busy machine is allowed for, a square (64 times) is not.
  expect(large).toBeLessThan(Math.max(small, 8) * 30);
});

test('a generated file ten times as long takes about ten times as long', () => {
  const random = makeRandom(5);
  const lines = generateScript(random, 20_000);
  const small = quickest(lines.slice(0, 2000).join('\n'));
  expect(quickest(lines.join('\n'))).toBeLessThan(small * 30);
});

test('a file beyond the limit is refused by the limit alone', () => {
  const answer = checkBytes(new Uint8Array(4 * 1024 * 1024 + 1).fill(0x0a));
  expect(answer.problems.map(({ code }) => code)).toEqual(['E_LIMIT']);
  expect(ruleClass('E_LIMIT')).toBe(answer.code);
});
