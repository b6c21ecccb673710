// Recipes for the drivers that deploy containers: from a prepared release to its stack.

import { renderProblems } from '../diagnostics/render.ts';
import { openRecipeFolder } from '../drivers/recipes/recipe-folder.ts';
import type { JsonObject } from '../ports/json.ts';
import type { Stack, StackRequest, StackSource } from '../ports/stack.ts';
import { WorldError } from '../ports/world-error.ts';
import { loadRecipe } from '../recipe/load-recipe.ts';
import { isError, problemsByFile, type RecipeProblem } from '../recipe/problem.ts';
import { stackNameOf } from '../recipe/stack-name.ts';
import { stackOfRecipe, type StackOptions } from '../recipe/stack.ts';

/** `secrets`: values that the manifest gives, by key. */
export function makeRecipeStacks(secrets: Readonly<Record<string, string>>): StackSource {
  return {
    stackOf: async (release, request) => Promise.resolve(readStack(release.root, request, secrets)),
  };
}

/** Zone of instances where the environment names no domain; never looked up. */
const zone = 'seatrial.test';

function readStack(
  root: string,
  { app, instance, env, settings }: StackRequest,
  given: StackOptions['given'],
): Stack {
  const domain = env['DOMAIN'] ?? `${instance}.${zone}`;
  const loaded = loadRecipe(openRecipeFolder(root), {
    ...{ app, domain, env },
    stack: stackNameOf(domain),
  });
  const { recipe } = loaded;
  if (recipe === undefined) throw refused(loaded.problems);
  const { stack, problems } = stackOfRecipe(recipe, { given, hostAccess: accessOf(settings) });
  if (stack === undefined) throw refused(problems);
  return stack;
}

const accessOf = (settings: JsonObject): StackOptions['hostAccess'] =>
  (settings['hostAccess'] ?? []) as StackOptions['hostAccess'];

function refused(problems: readonly RecipeProblem[]): WorldError {
  const errors = problems.filter(isError);
  const [first] = errors;
  const { message = '', hint = '' } = first?.diagnostic ?? {};
  return new WorldError('refused', `The recipe cannot be deployed: ${message}`, {
    hint: `${hint}\n${renderProblems(problemsByFile(errors))}`.trim(),
  });
}
