import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editKeys, rawAt, valueOf } from '../../src/lifecycle/edit-keys.ts';

type Case = readonly [
  name: string,
  text: string,
  pointer: string,
  raw: string | undefined,
  after: string,
];

const cases: readonly Case[] = [
  ['a value of JSON', '{\n  "a": 1,\n  "b": [1]\n}\n', '/a', '2', '{\n  "a": 2,\n  "b": [1]\n}\n'],
  ['a new key of JSON', '{\n  "a": 1\n}\n', '/b', '"x"', '{\n  "a": 1,\n  "b": "x"\n}\n'],
  ['a new key of one line', '{"a": 1}', '/b', '2', '{"a": 1, "b": 2}'],
  ['the first key', '{}', '/b', '2', '{"b": 2}'],
  ['a key below others', '{\n\t"a": {}\n}', '/a/b', '2', '{\n\t"a": {"b": 2}\n}'],
  ['a key below none', '{"a": 1}', '/x/y', '2', '{"a": 1, "x": {"y": 2}}'],
  ['the last key goes', '{\n  "a": 1,\n  "b": 2\n}\n', '/b', undefined, '{\n  "a": 1\n}\n'],
  ['the first key goes', '{"a": 1, "b": 2}', '/a', undefined, '{"b": 2}'],
  ['the only key goes', '{ "a": 1 }', '/a', undefined, '{  }'],
  [
    'a value of YAML',
    '# top\na: 1 # one\nb:\n  c: old\n',
    '/b/c',
    '2026.3.11',
    '# top\na: 1 # one\nb:\n  c: 2026.3.11\n',
  ],
  ['a new key of YAML', 'a: 1 # one\n# end\n', '/b', '"x"', 'a: 1 # one\nb: "x"\n# end\n'],
  [
    'a new key behind a block',
    'a:\n  b: 1\n  c: |\n    text\nd: 2\n',
    '/a/e',
    '3',
    'a:\n  b: 1\n  c: |\n    text\n  e: 3\nd: 2\n',
  ],
  ['without a last newline', 'a: 1', '/b', '2', 'a: 1\nb: 2'],
  ['with CRLF', 'a: 1\r\nb: 2\r\n', '/c', '3', 'a: 1\r\nb: 2\r\nc: 3\r\n'],
  ['a key of YAML goes', 'a: 1\nb: 2 # two\nc: 3\n', '/b', undefined, 'a: 1\nc: 3\n'],
  ['a block goes', 'a:\n  b: 1\n  c: 2\nd: 3\n', '/a', undefined, 'd: 3\n'],
  ['a list becomes a value', 'a:\n  - 1\n  - 2\nb: 3\n', '/a', '[1]', 'a:\n  [1]\nb: 3\n'],
  ['a key with a slash', 'a: {x/y: 1}\n', '/a/x~1y', '2', 'a: {x/y: 2}\n'],
  ['an absent key stays absent', 'a: 1\n', '/b', undefined, 'a: 1\n'],
];

describe('one key is changed and no other byte', () => {
  test.each(cases)('%s', (...[, text, pointer, raw, after]) => {
    expect(editKeys(text, [{ pointer, raw }])).toBe(after);
  });

  test.each([
    ['no mapping', '- 1\n', '/a'],
    ['no YAML', 'a: [\n', '/a'],
    ['a value on the way', 'a: 1\n', '/a/b'],
    ['a key twice', 'a: 1\na: 2\n', '/a'],
  ])('%s is refused', (_name, text, pointer) => {
    expect(() => editKeys(text, [{ pointer, raw: '1' }])).toThrow();
  });
});

const name = fc.constantFrom('a', 'b', 'c', 'long-name', 'x/y', 'with space');
const value = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.constantFrom('one', 'two words', '', '#'),
  fc.constant([1, 2]),
);
const document = fc.dictionary(name, fc.oneof(value, fc.dictionary(name, value, { minKeys: 1 })), {
  minKeys: 1,
});
const written = fc
  .tuple(document, fc.constantFrom(0, 2, '\t'), fc.boolean())
  .map(([object, indent, ends]) => `${JSON.stringify(object, null, indent)}${ends ? '\n' : ''}`);

test('set, then the inverse: the same bytes', () => {
  const step = (key: string): string => key.replaceAll('/', '~1');
  fc.assert(
    fc.property(written, fc.option(name), name, value, (text, outer, inner, put) => {
      const all = valueOf(text) as Record<string, unknown>;
      const above = outer === null ? undefined : all[outer];
      const below = typeof above === 'object' && above !== null && !Array.isArray(above);
      const pointer = below ? `/${step(String(outer))}/${step(inner)}` : `/${step(inner)}`;
      const raw = rawAt(text, pointer);
      const edited = editKeys(text, [{ pointer, raw: JSON.stringify(put) }]);
      expect(editKeys(edited, [{ pointer, raw }])).toBe(text);
    }),
    { numRuns: 200 },
  );
});
