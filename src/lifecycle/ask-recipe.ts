// The checks of a recipe, asked of its files before the first operation.

import { recipeChecks } from '../checks/floor-recipe.ts';
import type { RecipeViews } from './recipe-views.ts';
import type { Session } from './session.ts';

/** Whether there is anything to deploy: a release that does not render cannot be. */
export async function askRecipe(
  session: Session,
  views: RecipeViews | undefined,
): Promise<boolean> {
  if (views === undefined) return true;
  const { plan, recorder, base } = session;
  const facts = base === undefined ? { head: views.head } : views;
  for (const { id, judge } of recipeChecks) {
    const check = plan.expected.find((each) => each.id === id);
    if (check === undefined || check.skip !== undefined) continue;
    await recorder.ask(check, 'recipe', () => judge(facts));
  }
  return facts.head.errors.length === 0 && (views.base?.errors ?? []).length === 0;
}
