import { nearest } from '../diagnostics/nearest.ts';
import { list } from './schema-parts.ts';
import type { Scenario } from './scenario-schema.ts';
import type { Path } from './yaml-document.ts';

/** What the loader may know about the pack; what it is not told is not judged. */
export type ScenarioContext = {
  /** Whether a file lies at this path, relative to the pack. A link that leads out counts as absent. */
  readonly exists: (path: string) => boolean;
  /** Contracts by id, and what each rules out. */
  readonly contracts?: ReadonlyMap<string, { readonly forbids: readonly string[] }>;
  /** The audit queue: by row, the ids of the scenarios that it plans. */
  readonly rows?: ReadonlyMap<string, ReadonlySet<string>>;
  /** Names of the pack's actions. */
  readonly actions?: ReadonlySet<string>;
  /** Names of what can be observed for forbidden side effects. */
  readonly observers?: ReadonlySet<string>;
  /** The register of checks by id; tombstones are absent. */
  readonly register?: ReadonlyMap<
    string,
    { readonly boundary: string; readonly evidence: readonly string[] }
  >;
};

/** A problem by the path of the value it is about; `onKey`: its key is to be shown. */
export type ScenarioFound = {
  readonly code: string;
  readonly path: Path;
  readonly message: string;
  readonly hint: string;
  readonly onKey?: true;
};
export type ScenarioRule = (
  scenario: Scenario,
  context: ScenarioContext,
) => readonly ScenarioFound[];

/** All but the first of those that share an id. */
export function repeated<Item extends { readonly id: string }>(
  items: readonly Item[],
): readonly Item[] {
  const seen = new Set<string>();
  return items.filter(({ id }) => seen.size === seen.add(id).size);
}

export function hintAmong(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  if (meant !== undefined) return `Did you mean \`${meant}\`?`;
  return known.length === 0 ? 'There is none.' : `Known: ${list(known.slice(0, 20))}.`;
}
