import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeSource } from '../../src/diagnostics/source.ts';
import { readYaml, readYamlBytes, type Path } from '../../src/scenario/yaml-document.ts';
import { depthMax, tokensMax } from '../../src/scenario/yaml-tokens.ts';
import { placesOf } from './at.ts';

const sizeMax = 1_048_576;
const read = (text: string) => readYaml(makeSource('f.yaml', text), sizeMax);

describe('values', () => {
  test.each<[string, unknown]>([
    ['', null],
    ['# only a comment\n', null],
    ['---\na: 1\n...\n', { a: 1 }],
    ['\uFEFFa: 1', { a: 1 }],
    ['a: [1, -0, 0x10, 1.5, true, ~, on, "1"]', { a: [1, 0, 16, 1.5, true, null, 'on', '1'] }],
    ['200: x\ntrue: y', { '200': 'x', true: 'y' }],
    ['a: |\n  b\n  c\n', { a: 'b\nc\n' }],
    ['a: 1e30', { a: 1e30 }],
    ['constructor: 1', { constructor: 1 }],
    ['a: "\\ud83d\\ude00"', { a: '😀' }],
  ])('%j', (text, value) => {
    const { document, problems } = read(text);
    expect(problems).toEqual([]);
    expect(document?.value).toEqual(value);
  });
});

describe('refused', () => {
  test.each<[string, string, string]>([
    ['a: [1', 'SC001 1:6', 'Flow sequence in block collection must be sufficiently indented'],
    ['a: 1\na: 2', 'SC001 2:1', 'The key `a` is here twice.'],
    ['a: {b: 1, "b": 2}', 'SC001 1:11', 'The key `b` is here twice.'],
    ['a: &x 1', 'SC001 1:4', 'Anchors are not allowed.'],
    ['a: *x', 'SC001 1:4', 'Aliases are not allowed.'],
    ['a: !!str 1', 'SC001 1:4', 'Tags are not allowed.'],
    ['a: !x {}', 'SC001 1:4', 'Tags are not allowed.'],
    ['- ! a', 'SC001 1:3', 'Tags are not allowed.'],
    ['a: !t |\n  x', 'SC001 1:4', 'Tags are not allowed.'],
    ['<<: {a: 1}', 'SC001 1:1', 'Merge keys are not allowed.'],
    ['__proto__: {a: 1}', 'SC001 1:1', 'The key `__proto__` is not allowed.'],
    ['%YAML 1.1\n---\na: 1', 'SC001 1:1', 'Directives are not allowed.'],
    ['a: 1\n---\nb: 2', 'SC001 2:1', 'The file has more than one document.'],
    ['a: \u0000', 'SC001 1:4', 'The character U+0000 is not allowed.'],
    ['a: "\\0"', 'SC001 1:4', 'The text holds a NUL or half a character.'],
    ['a: "\\ud800"', 'SC001 1:4', 'The text holds a NUL or half a character.'],
    ['a: \ud800', 'SC001 1:4', 'The character U+D800 is not allowed.'],
    ['a: \u001b[0m', 'SC001 1:4', 'The character U+001B is not allowed.'],
    ['a: 1\rb: 2', 'SC001 1:5', 'A carriage return stands alone.'],
    ['a: .inf', 'SC001 1:4', 'The number cannot be kept exactly.'],
    ['a: 12345678901234567890', 'SC001 1:4', 'The number cannot be kept exactly.'],
    ['? [a]\n: 1', 'SC001 1:3', 'With stringKeys, all keys must be strings.'],
    ['a: 1\n b: 2', 'SC001 1:4', 'Nested mappings are not allowed'],
    ['a: @x', 'SC001 1:4', 'Plain value cannot start with reserved character @.'],
  ])('%j at %s: %s', (text, place, message) => {
    const source = makeSource('f.yaml', text);
    const { document, problems } = readYaml(source, sizeMax);
    expect(document).toBeUndefined();
    expect(placesOf(source, problems)[0]).toBe(place);
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.hint).toBeTruthy();
  });

  test('a duplicate key says where the first one is', () => {
    expect(read('a: 1\nb: 1\na: 2').problems[0]?.related?.[0]?.span).toEqual({ start: 0, end: 1 });
  });

  test('a secret in a file that cannot be read is concealed', () => {
    const text = 'env: {KEY: ghp_a1B2c3D4e5F6g7H8i9J0';
    const [problem] = read(text).problems;
    expect(problem?.conceal).toEqual([{ start: 11, end: text.length }]);
  });
});

// Without the limits these take minutes; with them moments, also on a busy machine.
describe('limits are checked before values are built', { timeout: 60_000 }, () => {
  const n = 1_000_000;
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  test.each<[string, string, string]>([
    ['size', 'a'.repeat(sizeMax + 1), 'larger than 1024 KiB'],
    ['size in bytes', 'é'.repeat(sizeMax / 2 + 1), 'larger than 1024 KiB'],
    ['depth', nested(depthMax + 1), 'deeper than 32'],
    ['open brackets', '['.repeat(n), `more than ${String(tokensMax)}`],
    ['depth below the number of tokens', '['.repeat(tokensMax / 2), 'deeper than 32'],
    ['open braces', '{a: '.repeat(n / 4), `more than ${String(tokensMax)}`],
    ['dashes', '- '.repeat(10_000), 'deeper than 32'],
    ['question marks', '? '.repeat(10_000), 'deeper than 32'],
    ['commas', `[${','.repeat(n)}`, `more than ${String(tokensMax)}`],
    ['keys', 'k: 1\n'.repeat(n / 5), `more than ${String(tokensMax)}`],
    ['bombs', 'a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]', 'Anchors are not allowed'],
  ])('%s', (_name, text, message) => {
    expect(read(text).problems[0]?.message).toContain(message);
  });

  test.each([
    '[' + ','.repeat(40_000),
    ']'.repeat(20_000),
    '"'.repeat(40_000),
    '&a '.repeat(10_000),
  ])('of many faults in %.10j few are told', (text) => {
    expect(read(text).problems.length).toBeLessThanOrEqual(20);
  });

  test('what is just within is read', () => {
    expect(read(nested(depthMax)).problems).toEqual([]);
    expect(read(`a: "${'x'.repeat(sizeMax - 5)}"`).problems).toEqual([]);
  });
});

describe('places (S4)', () => {
  const text =
    'app: x\r\nempty:\r\nlist: [a, {b: 1}]\r\nblock: |\r\n  one\r\n  two\r\n\r\nlast: "q"\r\n';
  test.each<[string, Path, string]>([
    ['a value', ['app'], 'x'],
    ['a missing value: its key', ['empty'], 'empty'],
    ['an item', ['list', 0], 'a'],
    ['a value in an item', ['list', 1, 'b'], '1'],
    ['a missing key of an item: the item', ['list', 1, 'nope'], '{b: 1}'],
    ['a missing key: the key above', ['list', 7], 'list'],
    ['a missing key below a missing value', ['empty', 'x', 'y'], 'empty'],
    ['a missing key of the root: its start', ['nope'], ''],
    ['a block scalar ends with its text', ['block'], '|\r\n  one\r\n  two'],
    ['quotes belong to the value', ['last'], '"q"'],
  ])('%s', (_name, path, marked) => {
    const { document } = read(text);
    const span = document?.spanOf(path) ?? { start: NaN, end: NaN };
    expect(text.slice(span.start, span.end)).toBe(marked);
  });

  test('keys', () => {
    const { document } = read(text);
    const span = document?.keySpanOf(['list', 1, 'b']) ?? { start: NaN, end: NaN };
    expect(text.slice(span.start, span.end)).toBe('b');
  });
});

describe('any bytes give a value or problems (S5)', { timeout: 60_000 }, () => {
  const total = (bytes: Uint8Array): void => {
    const { document, problems } = readYamlBytes('f', bytes, sizeMax);
    expect(document === undefined).toBe(problems.length > 0);
    for (const { span } of problems) expect(span.end).toBeGreaterThanOrEqual(span.start);
  };

  test.each([[[0xff]], [[0x61, 0x3a, 0x20, 0xc3]], [[0xfe, 0xff, 0, 0x61]], [[0]], [[0xef, 0xbb]]])(
    '%j',
    (bytes) => {
      total(new Uint8Array(bytes));
      expect(readYamlBytes('f', new Uint8Array(bytes), sizeMax).problems[0]?.code).toBe('SC001');
    },
  );

  test('bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), total));
  });

  test('text made of what means something to YAML', () => {
    const piece = fc.constantFrom(
      ...['a', ': ', '- ', '\n', '  ', '[', ']', '{', '}', ',', '"', "'", '|', '>', '#', '&', '*'],
      ...['!', '%', '@', '?', '\t', '\r\n', '---', '...', '<<', '~', '1', '\\', '\u2028', '😀'],
    );
    const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, (each) => {
        total(new TextEncoder().encode(each));
      }),
      { numRuns: 300 },
    );
  });

  test('JSON is read as itself', () => {
    const json = fc.json({ maxDepth: 4 }).filter((text) => !text.includes('__proto__'));
    fc.assert(
      fc.property(json, (text) => {
        const { document } = read(text);
        if (document !== undefined) expect(document.value).toEqual(positiveZero(JSON.parse(text)));
      }),
    );
  });
});

function positiveZero(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
