// Words that one client reads as text and another, older one as true or false.

import { timeText } from './go-text.ts';
import type { LintInput } from './lint-input.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import type { Mapping, Node } from './tree.ts';

const ambiguous = /^(?:y|n|yes|no|on|off)$/i;

export const wordRule = ({ recipe }: LintInput): readonly RecipeProblem[] =>
  recipe.parts.flatMap((part) => wordsIn(part));

function wordsIn(node: Node): readonly RecipeProblem[] {
  if (node.kind === 'list') return node.items.flatMap(wordsIn);
  if (node.kind === 'map')
    return [
      ...keysIn(node),
      ...[...node.entries.values()].flatMap(({ node: value }) => wordsIn(value)),
    ];
  if (!node.plain || node.template !== undefined) return [];
  if (typeof node.value !== 'string') return [];
  if (timeText(node) === node.value)
    return [problemAt(node, 'RCP030', asTime(node.value), { hint })];
  return ambiguous.test(node.value)
    ? [problemAt(node, 'RCP030', message(node.value), { hint })]
    : [];
}

function keysIn({ entries, source }: Mapping): readonly RecipeProblem[] {
  return [...entries].flatMap(([name, { key }]) => {
    // What is in quotes, or was a text of a list, begins with another character.
    const written = source.text.slice(key.start, key.end);
    return written === name && ambiguous.test(name)
      ? [problemAt({ source, span: key }, 'RCP030', message(name), { hint })]
      : [];
  });
}

const asTime = (text: string): string => `Newer clients read a time here: \`${text}\`.`;
const message = (word: string): string => `Docker 20.10 reads \`${word}\` as true or false.`;
const hint = 'Put it in quotes.';
