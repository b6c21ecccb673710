// Writes a value in each form of a secret, as leaks do. For probes; the redactor never uses it.

import type { Form } from './secret-forms.ts';

export type Encoded = { readonly form: Form; readonly variant: string; readonly bytes: Uint8Array };

const utf8 = new TextEncoder();
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Every variant of every form: offsets and paddings of base64, both cases, all and some characters. */
export function encodeForms(value: string): readonly Encoded[] {
  const bytes = utf8.encode(value);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
  const json = units(value).map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`);
  const points = Array.from(value, (character) => character.codePointAt(0) ?? 0);
  const percent = hex.map((pair) => `%${pair}`);
  const some = (encoded: readonly string[]): string => {
    const characters = Array.from(value);
    return encoded.map((each, index) => (index % 2 === 0 ? each : characters[index])).join('');
  };
  const isAscii = bytes.length === value.length;
  const texts: [Form, string, string][] = [
    ['plain', 'as it is', value],
    ...base64Texts(bytes),
    ['percent', 'all, lower case', percent.join('')],
    ['percent', 'all, upper case', percent.join('').toUpperCase()],
    ['percent', 'as in a query', encodeURIComponent(value)],
    ...(isAscii ? [['percent', 'every second', some(percent)] as [Form, string, string]] : []),
    ['hex', 'lower case', hex.join('')],
    ['hex', 'upper case', hex.join('').toUpperCase()],
    ['hex', 'mixed case', hex.map((pair, i) => (i % 2 ? pair.toUpperCase() : pair)).join('')],
    ['json', 'as serialised', JSON.stringify(value).slice(1, -1)],
    ['json', 'slashes too', JSON.stringify(value).slice(1, -1).replaceAll('/', '\\/')],
    ['json', 'all', json.join('')],
    ...(isAscii && !/["\\]/u.test(value)
      ? [['json', 'every second', some(json)] as [Form, string, string]]
      : []),
    ['json-twice', 'as serialised', twice(value)],
    ['json-twice', 'all', json.join('').replaceAll('\\', '\\\\')],
    ['html', 'as escaped', value.replaceAll(/[&<>"']/gu, (c) => `&${named[c] ?? ''};`)],
    ['html', 'decimal', points.map((point) => `&#${String(point)};`).join('')],
    ['html', 'hexadecimal', points.map((point) => `&#x${point.toString(16)};`).join('')],
  ];
  return [
    ...texts.map(([form, variant, text]) => ({ form, variant, bytes: utf8.encode(text) })),
    { form: 'utf16le', variant: 'all', bytes: utf16(value) },
  ];
}

const named: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": '#39',
};

const twice = (value: string): string =>
  JSON.stringify(JSON.stringify(value).slice(1, -1)).slice(1, -1);

const units = (value: string): number[] =>
  Array.from({ length: value.length }, (_, index) => value.charCodeAt(index));

const utf16 = (value: string): Uint8Array =>
  Uint8Array.from(units(value).flatMap((unit) => [unit & 0xff, unit >> 8]));

/** Three offsets, at the end of the text with and without padding and in the middle of it. */
function base64Texts(bytes: Uint8Array): [Form, string, string][] {
  return [0, 1, 2].flatMap((offset) => {
    const before = new Uint8Array(offset).fill(0xa7);
    const last = base64([...before, ...bytes]);
    const inside = base64([...before, ...bytes, 0xa7, 0xa7, 0xa7]);
    const at = `offset ${String(offset)}`;
    const standard: [Form, string, string][] = [
      ['base64', `${at}, padded`, last],
      ['base64', `${at}, not padded`, last.replace(/=+$/u, '')],
      ['base64', `${at}, inside`, inside],
    ];
    return standard.flatMap(([form, variant, text]): [Form, string, string][] => [
      [form, variant, text],
      ['base64url', variant, text.replaceAll('+', '-').replaceAll('/', '_')],
    ]);
  });
}

function base64(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.slice(at, at + 3);
    const bits = (a << 16) | (b << 8) | c;
    const digits = [18, 12, 6, 0].map((shift) => alphabet[(bits >> shift) & 63] ?? '');
    text += digits.slice(0, Math.min(4, bytes.length - at + 1)).join('');
  }
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}
