// Secrets in the open: a value written into a compose file or a sample is in the history of the recipe
// and the same for everybody who deploys it.

import { isHarmlessValue, isSecretName, secretForm } from '../scenario/secret-literal.ts';
import { usesIn } from './interpolate.ts';
import type { LintInput } from './lint-input.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import { entriesAt, type Node, type Scalar } from './tree.ts';

export function credentialRule({ recipe }: LintInput): readonly RecipeProblem[] {
  const keys = new Set(entriesAt(recipe.tree, 'secrets').map(([key]) => key));
  const inFiles = entriesAt(recipe.tree, 'services').flatMap(([, { node }]) =>
    entriesAt(node, 'environment').flatMap(([name, { node: value }]) => judge(name, value, keys)),
  );
  const inSample = [...recipe.sample.entries].flatMap(([name, entry]) =>
    secretForm(entry.value) === undefined ? [] : [literal(name, entry)],
  );
  return [...inFiles, ...inSample];
}

function judge(name: string, node: Node, keys: ReadonlySet<string>): readonly RecipeProblem[] {
  if (node.kind !== 'scalar') return [];
  const text = literalOf(node);
  const secret =
    isSecretName(name) && !isHarmlessValue(text) && !pointsElsewhere(text) && !keys.has(text);
  return secret || secretForm(text) !== undefined ? [literal(name, node)] : [];
}

/** A file, a template that the engine fills in, or an address without a password in it. */
const pointsElsewhere = (text: string): boolean =>
  /^(?:\/|(?:file|env):|https?:\/\/[^@]*$)/.test(text) || /\/run\/secrets\/|\{\{/.test(text);

/** What stands in the file itself: a plain value, or the default of a variable. */
function literalOf({ value, template }: Scalar): string {
  if (template === undefined) return String(value ?? '');
  return usesIn(template)
    .map(({ fallback = '' }) => fallback)
    .join('');
}

const literal = (name: string, place: Parameters<typeof problemAt>[0]): RecipeProblem =>
  problemAt(place, 'RCP014', `\`${name}\` is given a secret in the open.`, {
    hint: 'Declare a secret, and pass its file: NAME_FILE=/run/secrets/name.',
    conceal: true,
  });
