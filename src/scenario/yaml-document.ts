// YAML 1.2 core as far as JSON can say the same: one document, plain values, text keys, each once.
// Reading is total: any text gives a value with the place of each part, or problems.

import { Composer, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import { decodeSource, type Source } from '../diagnostics/source.ts';
import type { Json } from '../ports/json.ts';
import { secretSpans } from './secret-literal.ts';
import { broken, readTokens } from './yaml-tokens.ts';

export type Path = readonly (string | number)[];

export type YamlDocument = {
  readonly source: Source;
  readonly value: Json;
  /** The value; its key where the value is missing; the nearest key above where the key is missing. */
  readonly spanOf: (path: Path) => Span;
  /** The key; of an item of a list, the item. */
  readonly keySpanOf: (path: Path) => Span;
};

export type YamlReading = {
  /** Undefined exactly when there is a problem. */
  readonly document?: YamlDocument;
  /** All with code SC001. */
  readonly problems: readonly Diagnostic[];
};

const problemsMax = 20;

/** `sizeMax`: bytes of UTF-8. */
export function readYaml(source: Source, sizeMax: number): YamlReading {
  const { tokens, problems } = readTokens(source.text, sizeMax);
  if (tokens === undefined) return refused(source, problems);
  const composer = new Composer({
    schema: 'core',
    version: '1.2',
    stringKeys: true,
    // Found while values are built: the composer compares each key with all others.
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
  });
  const [parsed] = composer.compose(tokens, true, source.text.length);
  const faults = (parsed?.errors ?? []).map(({ pos: [start, end], message }) =>
    broken(spanWithin(source, start, end), `${message}.`, syntaxHint),
  );
  if (faults.length > 0 || parsed === undefined) return refused(source, faults);
  const places: Places = new Map();
  const found: Diagnostic[] = [];
  const value = readNode(parsed.contents, [], { places, found, source });
  if (found.length > 0) return refused(source, found);
  return { document: { source, value, ...placeFinder(places) }, problems: [] };
}

/** The same for the bytes of a file; bytes that are not UTF-8 are a problem of code SC001. */
export function readYamlBytes(
  path: string,
  bytes: Uint8Array,
  sizeMax: number,
): YamlReading & { readonly source: Source } {
  // One byte more than allowed is enough to be refused, whatever else follows.
  const { source, invalidAt } = decodeSource(path, bytes.subarray(0, sizeMax + 4));
  if (invalidAt === undefined || bytes.length > sizeMax)
    return { source, ...readYaml(source, sizeMax) };
  const problem = broken(
    spanWithin(source, invalidAt, invalidAt + 1),
    'The file is not UTF-8.',
    'Save it as UTF-8.',
  );
  return { source, ...refused(source, [problem]) };
}

const syntaxHint = 'Check indentation, quotes and brackets here and on the line above.';

/** An unreadable file may still hold a secret on the very line that an excerpt would show. */
function refused({ text }: Source, problems: readonly Diagnostic[]): YamlReading {
  const conceal = text.length > 1_048_576 ? [] : secretSpans(text);
  return { problems: problems.slice(0, problemsMax).map((problem) => ({ ...problem, conceal })) };
}

function spanWithin({ text }: Source, start: number, end: number): Span {
  const from = Math.min(Math.max(0, start), text.length);
  return { start: from, end: Math.min(Math.max(from, end), text.length) };
}

type Place = { readonly value?: Span; readonly key?: Span };
type Places = Map<string, Place>;
type Reading = {
  readonly places: Places;
  readonly found: Diagnostic[];
  readonly source: Source;
};

const pathKey = (path: Path): string => JSON.stringify(path);

function readNode(node: ParsedNode | null, path: Path, reading: Reading): Json {
  if (node === null) return null;
  const [start, end] = node.range;
  // A scalar without text is a missing value: its key is the place to show.
  if (end > start)
    reading.places.set(pathKey(path), {
      ...reading.places.get(pathKey(path)),
      value: trimmed(reading.source, start, end),
    });
  if (isMap(node)) return readMap(node.items, path, reading);
  if (isSeq(node))
    return node.items.map((item, index) => readNode(item, [...path, index], reading));
  return isScalar(node) ? readScalar(node.value, node.source, { start, end }, reading) : null;
}

/** Block scalars and collections end on a later line; the marked part ends with their last text. */
function trimmed({ text }: Source, start: number, end: number): Span {
  return { start, end: start + text.slice(start, end).trimEnd().length };
}

type MapItems = readonly { readonly key: unknown; readonly value: unknown }[];

function readMap(items: MapItems, path: Path, reading: Reading): Json {
  const entries = new Map<string, Json>();
  const firstKeys = new Map<string, Span>();
  for (const { key, value } of items) {
    // `stringKeys` leaves no other kind of key without an error.
    const node = key as {
      readonly value: string;
      readonly range: readonly [number, number, number];
    };
    const name = node.value;
    const span = { start: node.range[0], end: node.range[1] };
    const first = firstKeys.get(name);
    const refusal = refuseKey(name, span, first);
    if (refusal !== undefined) {
      reading.found.push(refusal);
      continue;
    }
    firstKeys.set(name, span);
    const at = [...path, name];
    reading.places.set(pathKey(at), { key: span });
    entries.set(name, readNode(value as ParsedNode | null, at, reading));
  }
  return Object.fromEntries(entries);
}

function refuseKey(name: string, span: Span, first: Span | undefined): Diagnostic | undefined {
  if (first !== undefined)
    return {
      ...broken(span, `The key \`${name}\` is here twice.`, 'Keep one of them.'),
      related: [{ span: first, message: 'It was first given here.' }],
    };
  if (name === '<<') return broken(span, 'Merge keys are not allowed.', 'Write the keys out.');
  // Assigning it would change what an object is instead of what it holds.
  if (name === '__proto__')
    return broken(span, 'The key `__proto__` is not allowed.', 'Use another name.');
  return badText(name)
    ? broken(span, 'The key holds a NUL or half a character.', textHint)
    : undefined;
}

const textHint = 'Remove the escape.';

/** NUL ends an argument or file name early; half a surrogate pair has no UTF-8 form. */
function badText(text: string): boolean {
  return text.includes('\0') || /\p{Surrogate}/u.test(text);
}

function readScalar(
  value: unknown,
  written: string | undefined,
  span: Span,
  { found }: Reading,
): Json {
  if (typeof value === 'string') {
    if (badText(value))
      found.push(broken(span, 'The text holds a NUL or half a character.', textHint));
    return value;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || losesDigits(value, written))
      found.push(broken(span, 'The number cannot be kept exactly.', 'Put it in quotes.'));
    return value === 0 ? 0 : value;
  }
  return typeof value === 'boolean' ? value : null;
}

function losesDigits(value: number, written = ''): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value) && !/[.e]/i.test(written);
}

function placeFinder(places: Places): Pick<YamlDocument, 'spanOf' | 'keySpanOf'> {
  const start = places.get(pathKey([]))?.value?.start ?? 0;
  const above = (path: Path): Span => {
    for (let length = path.length - 1; length > 0; length -= 1) {
      const place = places.get(pathKey(path.slice(0, length)));
      const span = place?.key ?? place?.value;
      if (span !== undefined) return span;
    }
    return { start, end: start };
  };
  const keySpanOf = (path: Path): Span => {
    const place = places.get(pathKey(path));
    return place?.key ?? place?.value ?? above(path);
  };
  return { keySpanOf, spanOf: (path) => places.get(pathKey(path))?.value ?? keySpanOf(path) };
}
