// Reads one compose file. Compose files are real YAML: anchors, aliases and merge keys are common in
// recipes, so that what a file expands to is bounded beside its size and depth.

import { Composer, isAlias, isMap, isScalar, isSeq, Lexer, Parser, type CST } from 'yaml';
import type { ParsedNode, Scalar as YamlScalar } from 'yaml';
import type { Span } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import {
  escapeFaultIn,
  indentingTabIn,
  isQuoteEscape,
  quoteEscaped,
  taggedValue,
  unprintableIn,
  type YamlFault,
} from './go-yaml.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import { listAt, mappingAt, type Entry, type Mapping, type Node, type Scalar } from './tree.ts';

export const composeLimits = {
  bytes: 1024 * 1024,
  lexemes: 200_000,
  depth: 48,
  aliases: 1000,
  /** Nodes after aliases were expanded. */
  nodes: 200_000,
  services: 64,
} as const;

const problemsMax = 20;

export type ReadFile = {
  /** Undefined exactly when a problem is an error. */
  readonly tree?: Mapping;
  readonly problems: readonly RecipeProblem[];
};

export function readCompose(source: Source): ReadFile {
  const composed = composeOf(source);
  if ('message' in composed) return refuse(source, composed);
  const [document, second] = composed;
  const building: Building = {
    ...{ source, problems: [], inside: [], aliases: 0, nodes: 0 },
    anchors: new Map<string, ParsedNode>(),
  };
  const tree = buildNode(building, document.contents, 0);
  const end = second === undefined ? source.text.length : document.range[2];
  failWith(building, indentingTabIn(source.text.slice(0, end), inOrder(building.inside)));
  if (building.problems.length > 0) return { problems: building.problems };
  if (tree.kind !== 'map')
    return refuse(source, fileFault('The file is no mapping.', 'Begin with `services:`.'));
  const further = holdsNothing(second?.contents) ? [] : [furtherDocument(source, second.contents)];
  return { tree, problems: [...tagProblems(source, document.warnings), ...further] };
}

const refuse = (source: Source, { span, message, hint }: YamlFault): ReadFile => ({
  problems: [problemAt({ source, span: within(source, span) }, 'RCP001', message, { hint })],
});

const fileFault = (message: string, hint: string): YamlFault => ({
  ...{ span: { start: 0, end: 0 }, message, hint },
});

type Document = ReturnType<Composer['compose']> extends Generator<infer Each> ? Each : never;

/** The documents of a file, of which the first counts, or why there is none. */
function composeOf({ text }: Source): readonly [Document, Document | undefined] | YamlFault {
  if (text.length > composeLimits.bytes)
    return fileFault('The file is larger than 1 MiB.', 'Split it.');
  const odd = unprintableIn(text);
  if (odd !== undefined) return odd;
  const tokens = tokensOf(text);
  if (tokens === undefined)
    return fileFault('The file has too many or too deep elements.', 'Split or flatten it.');
  const [document, second] = new Composer(composerOptions).compose(tokens, true, text.length);
  if (document === undefined) return fileFault('The file is empty.', 'Write services into it.');
  return documentFault(document, text) ?? [document, second];
}

function documentFault({ errors, directives }: Document, text: string): YamlFault | undefined {
  const fault = errors.find(
    ({ code, pos: [at] }) => code !== 'BAD_DQ_ESCAPE' || !isQuoteEscape(text, at),
  );
  if (fault !== undefined) {
    const [start, end] = fault.pos;
    const hint = 'Check indentation, quotes and brackets here and on the line above.';
    return { span: { start, end }, message: `${fault.message}.`, hint };
  }
  const { explicit, version } = directives.yaml;
  return explicit === true && version !== '1.1'
    ? fileFault('Docker reads YAML 1.1 only.', 'Remove the line `%YAML`.')
    : undefined;
}

const holdsNothing = (contents: ParsedNode | null | undefined): contents is null | undefined =>
  contents === null || contents === undefined || (isScalar(contents) && contents.source === '');

const inOrder = (spans: readonly Span[]): readonly Span[] =>
  [...spans].sort((a, b) => a.start - b.start);

const furtherDocument = (source: Source, { range: [start] }: ParsedNode): RecipeProblem =>
  problemAt(
    { source, span: within(source, { start, end: start + 1 }) },
    'RCP025',
    'Swarm reads the first document of the file only.',
    { hint: 'Write this into a file of its own, and name it in COMPOSE_FILE.' },
  );

/** Docker reads a value behind `!reset` or `!override` as if they were not there. */
const tagProblems = (
  source: Source,
  warnings: readonly { readonly code: string; readonly pos: readonly [number, number] }[],
): readonly RecipeProblem[] =>
  warnings
    .filter(({ code }) => code === 'TAG_RESOLVE_FAILED')
    .map(({ pos: [start, end] }) => {
      const span = within(source, { start, end });
      const tag = source.text.slice(span.start, span.end);
      return problemAt({ source, span }, 'RCP025', `Swarm ignores the tag \`${tag}\`.`, {
        hint: 'Leave the part out of the earlier file, or name another file in COMPOSE_FILE.',
      });
    });

const composerOptions = {
  schema: 'core',
  version: '1.2',
  uniqueKeys: false,
  merge: false,
  logLevel: 'silent',
} as const;

/** Undefined when there are too many, or when they nest so deep that composing could overflow. */
function tokensOf(text: string): CST.Token[] | undefined {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    count += 1;
    if (count > composeLimits.lexemes || parser.stack.length > composeLimits.depth)
      return undefined;
    for (const token of parser.next(lexeme)) tokens.push(token);
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

function within({ text }: Source, { start, end }: Span): Span {
  const from = Math.min(Math.max(0, start), text.length);
  return { start: from, end: Math.min(Math.max(from, end), text.length) };
}

type Pairs = readonly { readonly key: unknown; readonly value: unknown }[];

/** What is counted while one file is built. */
type Building = {
  readonly source: Source;
  readonly problems: RecipeProblem[];
  readonly anchors: Map<string, ParsedNode>;
  /** Quotes, brackets and blocks of text. */
  readonly inside: Span[];
  aliases: number;
  nodes: number;
};

function fail({ source, problems }: Building, span: Span, message: string, hint: string): void {
  if (problems.length < problemsMax)
    problems.push(problemAt({ source, span: within(source, span) }, 'RCP001', message, { hint }));
}

function failWith(building: Building, fault: YamlFault | undefined): void {
  if (fault !== undefined) fail(building, fault.span, fault.message, fault.hint);
}

function buildNode(building: Building, node: ParsedNode | null, depth: number): Node {
  const range = node?.range ?? [0, 0, 0];
  const place = { source: building.source, span: trimmed(building.source, range[0], range[1]) };
  building.nodes += 1;
  if (building.nodes > composeLimits.nodes || depth > composeLimits.depth) {
    fail(building, place.span, 'The file expands to too many elements.', 'Use fewer aliases.');
    return listAt(place, []);
  }
  if (node === null) return { kind: 'scalar', ...place, value: null, plain: true };
  if (isAlias(node)) return buildAlias(building, node.source, { span: place.span, depth });
  if (node.anchor !== undefined) building.anchors.set(node.anchor, node);
  noteText(building, node, place.span);
  if (isMap(node)) return mappingAt(place, buildPairs(building, node.items, depth));
  if (!isSeq(node)) return { kind: 'scalar', ...place, ...scalarOf(node, place) };
  const items = node.items as readonly (ParsedNode | null)[];
  return listAt(
    place,
    items.map((item) => buildNode(building, item, depth + 1)),
  );
}

/** Where tabs are text, and escapes are looked at. */
function noteText(building: Building, node: ParsedNode, span: Span): void {
  const plain = isScalar(node) ? node.type === 'PLAIN' : (node as { flow?: boolean }).flow !== true;
  if (plain) return;
  building.inside.push({ start: node.range[0], end: node.range[1] });
  if (isScalar(node) && node.type === 'QUOTE_DOUBLE')
    failWith(building, escapeFaultIn(textOf(building.source, span), span.start));
}

const textOf = ({ text }: Source, { start, end }: Span): string => text.slice(start, end);

function buildAlias(
  building: Building,
  name: string,
  { span, depth }: { readonly span: Span; readonly depth: number },
): Node {
  building.aliases += 1;
  const target = building.anchors.get(name);
  const place = { source: building.source, span };
  if (building.aliases > composeLimits.aliases || building.problems.length > 0)
    fail(building, span, 'The file has too many aliases.', 'Write some of them out.');
  else if (target === undefined)
    fail(building, span, `There is no anchor \`${name}\` before this.`, 'Check its name.');
  else return buildNode(building, target, depth + 1);
  return listAt(place, []);
}

function buildPairs(building: Building, items: Pairs, depth: number): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const merged: Entry[] = [];
  for (const { key, value } of items) {
    const { span, name, merges } = readKey(building, key as ParsedNode | null);
    if (name === undefined) {
      fail(building, span, 'This is no key.', 'Write a text before the colon.');
      continue;
    }
    const built = buildNode(building, value as ParsedNode | null, depth + 1);
    // A value that was left out is shown by its key.
    const node = value === null ? { ...built, span } : built;
    if (merges ? merged.length > 0 : entries.has(name))
      fail(building, span, `The key \`${name}\` is here twice.`, 'Keep one of them.');
    else if (merges) merged.push({ key: span, node });
    else entries.set(name, { key: span, node });
  }
  for (const entry of merged) mergeInto(building, entries, entry);
  return entries;
}

/** What is written out wins, then the first of several merged mappings. */
function mergeInto(building: Building, entries: Map<string, Entry>, { key, node }: Entry): void {
  for (const map of node.kind === 'list' ? node.items : [node]) {
    if (map.kind !== 'map') {
      fail(building, key, 'Only mappings can be merged.', 'Name an anchor of a mapping.');
      continue;
    }
    for (const [name, entry] of map.entries) if (!entries.has(name)) entries.set(name, entry);
  }
}

type ReadKey = { readonly span: Span; readonly name: string | undefined; readonly merges: boolean };

/** A key may have an anchor, or be an alias, like any text. */
function readKey({ anchors, source }: Building, key: ParsedNode | null): ReadKey {
  const [start, end] = key?.range ?? [0, 0];
  const span = { start, end };
  if (!isAlias(key) && key?.anchor !== undefined) anchors.set(key.anchor, key);
  const node = isAlias(key) ? anchors.get(key.source) : key;
  if (!isScalar(node)) return { span, name: undefined, merges: false };
  const name = keyOf(node, textOf(source, span));
  return { span, name, merges: name === '<<' && node.type === 'PLAIN' };
}

const wordKey = /^(?:~|null|true|false|[-+]?\.(?:inf|nan))$/i;

/** Undefined for what is no text: Docker refuses numbers and the like, which quotes make texts of. */
function keyOf(node: YamlScalar.Parsed, written: string): string | undefined {
  const name = typeof node.value === 'string' ? node.value : node.source;
  const bare = node.type === 'PLAIN' && node.tag === undefined;
  const isText = !bare || (!wordKey.test(name) && numberOf(name) === undefined);
  // Assigning `__proto__` would change what an object is instead of what it holds.
  if (!isText || name === '' || name === '__proto__') return undefined;
  return quoteEscaped(written) ?? name;
}

function scalarOf(
  node: ParsedNode,
  place: { readonly source: Source; readonly span: Span },
): { readonly value: Scalar['value']; readonly plain: boolean } {
  if (!isScalar(node)) return { value: null, plain: false };
  const { tag, source: written } = node;
  const value: unknown = node.value;
  const tagged = taggedValue(tag, written);
  if (tagged !== undefined) return { ...tagged, plain: false };
  if (node.type === 'PLAIN') return { value: plainValue(value, written), plain: true };
  const text = quoteEscaped(textOf(place.source, place.span));
  return { value: text ?? (typeof value === 'string' ? value : written), plain: false };
}

function plainValue(value: unknown, written: string): Scalar['value'] {
  if (typeof value === 'number') return numberOf(written) ?? written;
  if (typeof value === 'string') return numberOf(written) ?? value;
  return typeof value === 'boolean' ? value : null;
}

/** Block scalars and collections end on a later line; the marked part ends with their last text. */
function trimmed({ text }: Source, start: number, end: number): Span {
  let to = end;
  while (to > start && text.charCodeAt(to - 1) <= 32) to -= 1;
  return { start, end: to };
}

const forms: readonly (readonly [RegExp, (digits: string) => number])[] = [
  [/^0[0-7_]+$/, (text) => Number.parseInt(text, 8)],
  [/^0o[0-7_]+$/, (text) => Number.parseInt(text.slice(2), 8)],
  [/^0b[01_]+$/, (text) => Number.parseInt(text.slice(2), 2)],
  [/^0x[0-9a-fA-F_]+$/, (text) => Number.parseInt(text.slice(2), 16)],
  [/^(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][-+]?\d+)?$/, Number],
];

/**
 * Numbers as the tools that deploy read them: `0400` is octal, as in YAML 1.1, which file modes rely on.
 * Undefined for what is no number, or none that a double holds exactly; that stays text.
 */
export function numberOf(written: string): number | undefined {
  const sign = written.startsWith('-') ? -1 : 1;
  const body = written.replace(/^[-+]/, '');
  const form = forms.find(([pattern]) => pattern.test(body));
  if (form === undefined) return undefined;
  const value = form[1](body.replaceAll('_', ''));
  const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (!exact) return undefined;
  return value === 0 ? 0 : sign * value;
}
