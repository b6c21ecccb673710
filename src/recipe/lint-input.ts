import type { Recipe } from './load-recipe.ts';

export type LintInput = {
  readonly recipe: Recipe;
  /** As `recipe`, of the release before it, with the environment that its operators have. */
  readonly base?: Recipe;
};
