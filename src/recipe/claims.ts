// What a recipe says of itself in labels. The tools that deploy recipes add such labels too; operators
// read them, and since a change can write whatever it likes into them, they prove nothing.

import type { Recipe } from './load-recipe.ts';
import { versionLabels } from './lint-versions.ts';
import { at, entriesAt } from './tree.ts';

export type Claims = {
  /** Name of the recipe. */
  readonly recipe: string;
  /** Eight hex digits of the commit that is deployed; of a published release there is none. */
  readonly chaosVersion?: string;
};

/** Labels of the service that operators look at, beside those which it has itself. */
export function claimLabels(
  stack: string,
  { recipe, chaosVersion }: Claims,
): Readonly<Record<string, string>> {
  const label = (name: string): string => `coop-cloud.${stack}.${name}`;
  return {
    [label('recipe')]: recipe,
    [label('chaos')]: String(chaosVersion !== undefined),
    ...(chaosVersion === undefined ? {} : { [label('chaos-version')]: chaosVersion }),
  };
}

/** `app`; where there is none the service that bears the version, or the first. */
export function claimingService(recipe: Recipe): string {
  const names = entriesAt(recipe.tree, 'services').map(([name]) => name);
  if (names.includes('app')) return 'app';
  return versionLabels(recipe)[0]?.service ?? names[0] ?? 'app';
}

/** Seconds, from the label or the variable of that name; undefined where neither is a number. */
export function timeoutOf({ tree, instance, variables }: Recipe): number | undefined {
  const name = `coop-cloud.${instance.stack}.timeout`;
  const [label] = entriesAt(tree, 'services').flatMap(([, { node }]) => {
    const found = at(node, 'deploy', 'labels', name);
    return found?.kind === 'scalar' ? [String(found.value ?? '')] : [];
  });
  const text = (label ?? '') === '' ? variables.get('TIMEOUT') : label;
  return text !== undefined && /^\d{1,6}$/.test(text) && Number(text) > 0
    ? Number(text)
    : undefined;
}

/** A folder with a Compose file alone is an application, and nobody's recipe. */
export const isRecipe = ({ tree, sample, exports }: Recipe): boolean =>
  sample.entries.size + sample.off.size > 0 ||
  exports.entries.size + exports.ignoredLines > 0 ||
  entriesAt(tree, 'services').some(([, { node }]) =>
    entriesAt(node, 'deploy', 'labels').some(([name]) => name.startsWith('coop-cloud.')),
  );
