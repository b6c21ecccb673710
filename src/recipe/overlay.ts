// Compose files that the owner of the harness puts over a release. They may add what a testbed needs; what
// the release is made of stays the release's own, or another one than that would be judged.

import type { Source } from '../diagnostics/source.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import { readCompose } from './read-compose.ts';
import { entriesAt } from './tree.ts';

const ownKeys = ['image', 'build', 'command', 'entrypoint', 'configs'];

/** Also says what is wrong with the file itself. */
export function overlayProblems(source: Source): readonly RecipeProblem[] {
  const { tree, problems } = readCompose(source);
  if (tree === undefined) return problems;
  const services = entriesAt(tree, 'services').flatMap(([service, { node }]) =>
    entriesAt(node)
      .filter(([key]) => ownKeys.includes(key))
      .map(([key, entry]) => ({ what: `\`${key}\` of service \`${service}\``, entry })),
  );
  const configs = entriesAt(tree, 'configs').map(([name, entry]) => ({
    what: `the config \`${name}\``,
    entry,
  }));
  return [...services, ...configs].map(({ what, entry: { key, node } }) =>
    problemAt({ source: node.source, span: key }, 'RCP036', `An overlay may not set ${what}.`, {
      hint: 'Change the recipe, or use `env` where it has a variable for that.',
    }),
  );
}
