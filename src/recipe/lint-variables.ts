// Variables: those that nobody gives a value, those whose default is not what it seems, and those that
// operators who deployed an earlier release do not have.

import type { PlacedUse } from './fill.ts';
import type { LintInput } from './lint-input.ts';
import type { Recipe } from './load-recipe.ts';
import { problemAt, type RecipeProblem } from './problem.ts';

export function variableRule({ recipe }: LintInput): readonly RecipeProblem[] {
  return recipe.uses.flatMap((use) => [
    ...nestedDefault(use),
    ...noValue(use, recipe),
    ...typedVariable(use),
  ]);
}

function nestedDefault({ name, fallback, scalar }: PlacedUse): readonly RecipeProblem[] {
  if (fallback === undefined || !/\$\{?[A-Za-z_]/.test(fallback)) return [];
  return [
    problemAt(scalar, 'RCP016', `The default of \`${name}\` is taken literally: \`${fallback}\`.`, {
      hint: 'Docker fills in no variable inside a default: write the value out.',
    }),
  ];
}

/** Values without which the deployment is refused or becomes another one. */
const vital = (path: readonly string[]): boolean =>
  path[0] === 'secrets' || path[0] === 'configs' || path[2] === 'image' || path[2] === 'ports';

function noValue(use: PlacedUse, { variables, sample }: Recipe): readonly RecipeProblem[] {
  const { name, fallback, required, scalar, path } = use;
  if (fallback !== undefined || required !== undefined || variables.has(name)) return [];
  // Switched off in the sample: operators know of it, and may leave it empty.
  if (sample.off.has(name) && !vital(path)) return [];
  return [
    problemAt(scalar, 'RCP017', `\`${name}\` has no value and no default.`, {
      hint: `Write ${name}= into .env.sample, or \${${name}:-default} here.`,
      ...(vital(path) ? { severity: 'error' as const } : {}),
    }),
  ];
}

/** Tools that check types before they fill in variables refuse such files. */
function typedVariable(use: PlacedUse): readonly RecipeProblem[] {
  const { name, scalar, shape, path } = use;
  // With such a default it is never empty.
  if (use.orEmpty && use.fallback !== undefined && use.fallback !== '') return [];
  const what =
    shape?.text === 'duration' ? 'duration' : shape?.cast === undefined ? undefined : shape.cast;
  if (what === undefined) return [];
  return [
    problemAt(
      scalar,
      'RCP024',
      `\`${path.slice(2).join('.')}\` is of type ${what} and comes from \`${name}\`.`,
      {
        hint: 'Some tools check it before variables are filled in, and an empty value is refused: write it out.',
      },
    ),
  ];
}

/** `base` is what operators have: its sample is their environment, its list their compose files. */
export function newVariableRule({ recipe, base }: LintInput): readonly RecipeProblem[] {
  if (base === undefined) return [];
  const files = new Set(base.composeFiles);
  const before = new Set(base.uses.map(({ name }) => name));
  const known = (name: string): boolean =>
    before.has(name) || base.variables.has(name) || recipe.exports.entries.has(name);
  return recipe.uses.flatMap(({ name, fallback, scalar, path }) => {
    if (fallback !== undefined || known(name) || !files.has(scalar.source.path)) return [];
    return [
      problemAt(
        scalar,
        'RCP018',
        `\`${name}\` is new: who deployed ${base.instance.app} before has no value for it.`,
        {
          hint: `Give it a default here: \${${name}:-…}. The sample is read for new instances only.`,
          ...(vital(path) ? { severity: 'error' as const } : {}),
        },
      ),
    ];
  });
}
