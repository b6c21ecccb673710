import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { block } from '../../src/reporters/neutralise.ts';
import { element, xmlDocument } from '../../src/reporters/xml.ts';

/** Text and attribute of the root as a strict parser reads them. */
function readBack(document: string): { readonly text: string; readonly attribute: string } {
  let text = '';
  let attribute = '';
  let isInside = false;
  const parser = new SaxesParser();
  parser.on('text', (part) => {
    if (isInside) text += part;
  });
  parser.on('opentag', ({ attributes }) => {
    isInside = true;
    attribute = attributes['a'] ?? '';
  });
  parser.on('closetag', () => {
    isInside = false;
  });
  parser.write(document).close();
  return { text, attribute };
}

test('a strict parser reads back what was written, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (value) => {
      const document = xmlDocument(element('r', { a: value }, value));
      expect(readBack(document)).toEqual({
        text: block(value),
        attribute: block(value),
      });
    }),
  );
});

test('canary: the strict parser refuses what is not escaped', () => {
  expect(() => readBack('<r a="x">a]]>b</r>')).toThrow();
  expect(() => readBack('<r a="x">\u0001</r>')).toThrow();
});

test('elements nest, absent attributes are left out', () => {
  const inner = element('b', { x: undefined, y: 1 });
  expect(element('a', {}, [inner]).markup).toBe('<a>\n<b y="1"/>\n</a>');
});
