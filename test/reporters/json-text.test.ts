import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonText } from '../../src/reporters/json-text.ts';
import { firstUnseen } from './hostile.ts';

test('reads back as the same value, and nothing in it acts on a screen', () => {
  const strings = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(fc.dictionary(strings, fc.oneof(strings, fc.double())), (value) => {
      const text = jsonText(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(firstUnseen(text)).toBeUndefined();
    }),
  );
});

test('what has no UTF-8 form is replaced', () => {
  expect(JSON.parse(jsonText(['\ud800\u202e']))).toEqual(['\ufffd\u202e']);
});
