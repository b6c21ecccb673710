// XML 1.0 as text. Characters that XML cannot hold at all are shown by number, see neutralise.ts.

import { block } from './neutralise.ts';

/** Finished markup; a plain string is always text and is escaped. */
export type Xml = { readonly markup: string };

export type XmlAttributes = Readonly<Record<string, string | number | undefined>>;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** `>` is escaped too: `]]>` may not occur in text. */
const escape = (text: string): string =>
  block(text).replace(/[&<>"']/gu, (character) => entities[character] ?? '');

/** A parser would turn line breaks and tabs of an attribute into spaces. */
const escapeAttribute = (text: string): string =>
  escape(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');

/** An element with text or with elements in it, the latter indented. */
export function element(
  name: string,
  attributes: XmlAttributes,
  content: string | readonly Xml[] = [],
): Xml {
  const pairs = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeAttribute(String(value))}"`],
  );
  const start = name + pairs.join('');
  if (typeof content === 'string') return { markup: `<${start}>${escape(content)}</${name}>` };
  if (content.length === 0) return { markup: `<${start}/>` };
  const inner = content.map(({ markup }) => markup).join('\n');
  return { markup: `<${start}>\n${inner}\n</${name}>` };
}

/** A whole document, ending in a line break. */
export const xmlDocument = (root: Xml): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${root.markup}\n`;
