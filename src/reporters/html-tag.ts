// The only way in which the report's pages are put together: every value is escaped unless it is
// markup made here. The mark is a symbol, so that no value read from JSON can pass for markup.

import { block } from './neutralise.ts';

const markup = Symbol('markup');

export type Html = { readonly [markup]: string };

export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Markup with values in text or in quoted attributes; undefined is nothing, a list its members. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const text = strings.reduce((before, part, at) => before + rendered(values[at - 1]) + part);
  return { [markup]: text };
}

/** Text that is markup already: the project's own stylesheet and script, never a value. */
export const trusted = (text: string): Html => ({ [markup]: text });

export const markupOf = (page: Html): string => page[markup];

function rendered(value: HtmlValue): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escape(value);
  if (typeof value === 'number') return String(value);
  return isList(value) ? value.map(rendered).join('') : value[markup];
}

const isList = (value: HtmlValue): value is readonly HtmlValue[] => Array.isArray(value);

const escape = (text: string): string =>
  block(text).replace(/[&<>"'`]/gu, (character) => entities[character] ?? '');
