// Reads a YAML list of flat maps of text, with the place of each value.

import { isMap, isScalar, isSeq, parseDocument, type Pair, type ParsedNode } from 'yaml';
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import { nearest } from '../diagnostics/nearest.ts';
import type { Source } from '../diagnostics/source.ts';
import { tooDeepAt } from './yaml-depth.ts';

export type Field = { readonly text: string; readonly span: Span };
export type Fields = ReadonlyMap<string, Field>;

export type YamlMap = {
  readonly fields: Fields;
  readonly nested?: Fields;
  /** Nothing in it is unknown, missing or of the wrong kind. */
  readonly sound: boolean;
};

type Shape = {
  readonly required: readonly string[];
  /** One optional member that is a map itself. */
  readonly nested: { readonly name: string; readonly required: readonly string[] };
};

type Entry = Pair<ParsedNode, ParsedNode | null>;
type Node = ParsedNode | null | undefined;

/** Codes KY001 (not YAML, or not a list), KY002 (unknown key) and KY003 (missing, or no text). */
export function readYamlMaps(
  { text }: Source,
  shape: Shape,
): { readonly maps: readonly YamlMap[]; readonly diagnostics: readonly Diagnostic[] } {
  const deep = tooDeepAt(text);
  if (deep !== undefined) {
    const span = { start: deep, end: deep + 1 };
    const fault = problem('KY001', 'The file is nested too deeply.', span, 'Flatten it.');
    return { maps: [], diagnostics: [fault] };
  }
  const document = parseDocument(text, { version: '1.2', schema: 'core', stringKeys: true });
  const faults = document.errors.map(({ pos: [start, end], message }) =>
    problem('KY001', message.split('\n')[0] ?? '', { start, end }, 'Check quotes and indentation.'),
  );
  if (faults.length > 0) return { maps: [], diagnostics: faults };
  const root: Node = document.contents;
  if (!isSeq(root)) {
    const span = { start: 0, end: text.length };
    const hint = 'Begin each entry with `- key_id:`; an empty list is `[]`.';
    return { maps: [], diagnostics: [problem('KY001', 'The file is not a list.', span, hint)] };
  }
  const diagnostics: Diagnostic[] = [];
  const maps = root.items.map((item) => readMap(item as Node, shape, diagnostics));
  return { maps, diagnostics };
}

function readMap(node: Node, shape: Shape, diagnostics: Diagnostic[]): YamlMap {
  const { name, required } = shape.nested;
  const before = diagnostics.length;
  const entries = entriesOf(node, diagnostics);
  const inner = entries.find(({ key }) => textOf(key) === name);
  const fields = readFields(
    node,
    entries.filter((entry) => entry !== inner),
    {
      required: shape.required,
      known: [...shape.required, name],
      diagnostics,
    },
  );
  if (inner === undefined) return { fields, sound: diagnostics.length === before };
  const nested = readFields(
    inner.value ?? inner.key,
    entriesOf(inner.value, diagnostics, inner.key),
    {
      required,
      known: required,
      diagnostics,
    },
  );
  return { fields, nested, sound: diagnostics.length === before };
}

function entriesOf(node: Node, diagnostics: Diagnostic[], place: Node = node): readonly Entry[] {
  if (isMap(node)) return node.items;
  diagnostics.push(problem('KY003', 'This is not a map.', spanOf(place), 'Write `name: value`.'));
  return [];
}

type Reading = {
  readonly required: readonly string[];
  readonly known: readonly string[];
  readonly diagnostics: Diagnostic[];
};

function readFields(
  node: Node,
  entries: readonly Entry[],
  { required, known, diagnostics }: Reading,
): Fields {
  const fields = new Map<string, Field>();
  for (const { key, value } of entries) {
    const name = textOf(key) ?? '';
    const text = textOf(value);
    if (!known.includes(name)) {
      const guess = nearest(name, known);
      const hint =
        guess === undefined ? `Known are ${known.join(', ')}.` : `Did you mean ${guess}?`;
      diagnostics.push(problem('KY002', `Unknown key ${name}.`, spanOf(key), hint));
    } else if (text === undefined || text === '') {
      diagnostics.push(
        problem('KY003', `${name} is not a text.`, spanOf(value ?? key), 'Quote it.'),
      );
    } else fields.set(name, { text, span: spanOf(value) });
  }
  const given = new Set(entries.map(({ key }) => textOf(key)));
  for (const name of required.filter((each) => !given.has(each)))
    diagnostics.push(problem('KY003', `${name} is missing.`, spanOf(node), `Add ${name}.`));
  return fields;
}

/** The source text of a scalar: a key id of digits alone is not meant as a number. */
function textOf(node: Node): string | undefined {
  if (!isScalar(node)) return undefined;
  if (typeof node.value === 'string') return node.value;
  return node.value === null ? undefined : node.source;
}

const spanOf = (node: Node): Span => ({
  start: node?.range[0] ?? 0,
  end: node?.range[1] ?? 0,
});

const problem = (code: string, message: string, span: Span, hint: string): Diagnostic => ({
  code,
  severity: 'error',
  message,
  span,
  hint,
});
