import fc from 'fast-check';
import { expect, test } from 'vitest';
import { indentJson } from '../../src/reporters/indent-json.ts';

test('lays tokens out and changes none of them', () => {
  expect(indentJson('application/json', '{"a":[1,{"b":12345678901234567890}],"a":{},"c":[]}')).toBe(
    [
      '{',
      '  "a": [',
      '    1,',
      '    {',
      '      "b": 12345678901234567890',
      '    }',
      '  ],',
      '  "a": {},',
      '  "c": []',
      '}',
    ].join('\n'),
  );
});

test('equals the usual layout of any value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const text = JSON.stringify(value);
      expect(indentJson('application/json', text)).toBe(JSON.stringify(JSON.parse(text), null, 2));
    }),
  );
});

test.each([
  ['not JSON', 'application/json', '{"a":'],
  ['another type', 'text/plain', '{}'],
])('leaves %s alone', (_name, mediaType, text) => {
  expect(indentJson(mediaType, text)).toBeUndefined();
});

test('neither depth nor length breaks it', () => {
  const deep = '['.repeat(5000) + ']'.repeat(5000);
  expect(indentJson('application/json', deep)?.length).toBeLessThan(1_000_000);
  const long = JSON.stringify(`"\\${'x"\\'.repeat(200_000)}`);
  expect(indentJson('application/x+json', long)).toBe(long);
});
