import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html, markupOf, type Html } from '../../src/reporters/html-tag.ts';
import { firstUnseen } from './hostile.ts';

const shown = (value: string): string => markupOf(html`<p title="${value}">${value}</p>`);

test('no value ends its text or its attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const text = shown(value);
      expect(text.match(/[<>"]/gu)).toHaveLength(6);
      expect(firstUnseen(text)).toBeUndefined();
    }),
  );
});

test('markup, lists, numbers and nothing', () => {
  const list = [1, 2].map((each) => html`<i>${each}</i>`);
  expect(markupOf(html`<b>${list}${undefined}</b>`)).toBe('<b><i>1</i><i>2</i></b>');
});

test('an object read from JSON never passes for markup', () => {
  const forged = JSON.parse('{"markup":"<script>","Symbol(markup)":"<script>"}') as Html;
  expect(markupOf(html`${forged}`)).not.toContain('<script>');
});
