// A compose file as a tree that remembers where each part was written. Values are replaced while
// variables are filled in and files are merged; places stay, so that every problem has a line.

import type { Span } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import type { Json } from '../ports/json.ts';

export type Place = { readonly source: Source; readonly span: Span };

export type Scalar = Place & {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** Written without quotes, so that readers of another YAML version may take it for something else. */
  readonly plain: boolean;
  /** Text before variables were filled in, where that changed it. */
  readonly template?: string;
};
export type List = Place & { readonly kind: 'list'; readonly items: readonly Node[] };
export type Entry = { readonly key: Span; readonly node: Node };
export type Mapping = Place & {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
};
export type Node = Scalar | List | Mapping;

/** The part below a node, by keys and positions; undefined when there is none. */
export function at(
  node: Node | undefined,
  ...path: readonly (string | number)[]
): Node | undefined {
  let found = node;
  for (const step of path) {
    if (found?.kind === 'map') found = found.entries.get(String(step))?.node;
    else if (found?.kind === 'list' && typeof step === 'number') found = found.items[step];
    else return undefined;
  }
  return found;
}

export function entriesAt(
  node: Node | undefined,
  ...path: readonly string[]
): readonly (readonly [string, Entry])[] {
  const found = at(node, ...path);
  return found?.kind === 'map' ? [...found.entries] : [];
}

export function itemsAt(node: Node | undefined, ...path: readonly string[]): readonly Node[] {
  const found = at(node, ...path);
  return found?.kind === 'list' ? found.items : [];
}

export function textAt(node: Node | undefined, ...path: readonly string[]): string | undefined {
  const found = at(node, ...path);
  return found?.kind === 'scalar' && typeof found.value === 'string' ? found.value : undefined;
}

export function toJson(node: Node): Json {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toJson);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, toJson(entry.node)]));
}

/** A new part at the place of an old one. */
export const scalarAt = (
  { source, span }: Place,
  value: Scalar['value'],
  template?: string,
): Scalar => ({
  ...{ kind: 'scalar', source, span, value, plain: false },
  ...(template === undefined ? {} : { template }),
});

export const listAt = ({ source, span }: Place, items: readonly Node[]): List => ({
  ...{ kind: 'list', source, span, items },
});

export const mappingAt = (
  { source, span }: Place,
  entries: Iterable<readonly [string, Entry]>,
): Mapping => ({ kind: 'map', source, span, entries: new Map(entries) });

/** Every text of a tree with its path; keys are not texts. */
export function* scalarsOf(
  node: Node,
  path: readonly string[] = [],
): Generator<{ readonly scalar: Scalar; readonly path: readonly string[] }> {
  if (node.kind === 'scalar') yield { scalar: node, path };
  else if (node.kind === 'list')
    for (const [index, item] of node.items.entries())
      yield* scalarsOf(item, [...path, String(index)]);
  else for (const [key, { node: value }] of node.entries) yield* scalarsOf(value, [...path, key]);
}
