import type { Resource, ResourceKind } from '../ports/app-driver.ts';

/**
 * What a run of a pack's scenario may leave, by its marks: intended before anything runs, so that whoever comes next
 * finds all of it, whatever the product made and whether it said so.
 */
export function runResources(
  run: string,
  { suffix, engine }: { readonly suffix: string; readonly engine: boolean },
): readonly Resource[] {
  const kinds: readonly ResourceKind[] = ['container', 'image', 'network', 'volume'];
  return [
    { kind: 'process', name: 'marked', undo: { marker: run } },
    ...(engine ? kinds.map((kind) => ({ kind, name: `*${suffix}*`, undo: { suffix } })) : []),
  ];
}
