// The secrets of a recipe: which the active compose files use, under which version, and how those that
// are not given are made.

import type { Variables, PlacedUse } from './fill.ts';
import type { EnvSample } from './env-sample.ts';
import { usesIn } from './interpolate.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import { at, entriesAt, itemsAt, textAt, type Mapping, type Node, type Place } from './tree.ts';

export type Charset = 'default' | 'alnum' | 'hex' | 'special' | 'safespecial';

export type RecipeSecret = {
  readonly key: string;
  /** In the engine, with stack and version. */
  readonly name: string;
  readonly version: string;
  readonly length: number;
  readonly charset: Charset;
  /** False: its value must be given. */
  readonly generate: boolean;
  /** Of a secret that lies in the recipe as a file, relative to the root. */
  readonly file?: string;
  readonly place: Place;
};

const lengthDefault = 32;
const lengthMax = 4096;

export type SecretContext = {
  readonly variables: Variables;
  readonly sample: EnvSample;
  readonly stack: string;
};

/** Secrets that some service mounts; a declaration nobody uses asks for nothing. */
export function readSecrets(
  tree: Mapping,
  context: SecretContext,
): { readonly secrets: readonly RecipeSecret[]; readonly problems: readonly RecipeProblem[] } {
  const used = new Set(
    entriesAt(tree, 'services').flatMap(([, { node }]) =>
      itemsAt(node, 'secrets').map((item) => textAt(item, 'source') ?? ''),
    ),
  );
  const secrets: RecipeSecret[] = [];
  const problems: RecipeProblem[] = [];
  for (const [key, { node }] of entriesAt(tree, 'secrets')) {
    if (!used.has(key)) continue;
    const read = readSecret(key, node, context);
    problems.push(...read.problems);
    if (read.secret !== undefined) secrets.push(read.secret);
  }
  return { secrets, problems };
}

function readSecret(
  key: string,
  node: Node,
  context: SecretContext,
): { readonly secret?: RecipeSecret; readonly problems: readonly RecipeProblem[] } {
  const nameNode = at(node, 'name');
  const name = textAt(node, 'name') ?? `${context.stack}_${key}`;
  const file = textAt(node, 'file');
  const place = nameNode ?? node;
  const variable = versionVariable(nameNode);
  const version =
    variable === undefined ? literalVersion(name) : versionOf(variable, context.variables);
  const how = howMade(variable?.name, context.sample);
  const secret: RecipeSecret = {
    ...{ key, name, version, place, ...how.made },
    ...(file === undefined ? {} : { file }),
  };
  if (file !== undefined || version !== '') return { secret, problems: how.problems };
  return {
    problems: [
      ...how.problems,
      problemAt(place, 'RCP029', `The secret \`${key}\` has no version.`, {
        hint:
          variable === undefined
            ? `Name it \${STACK_NAME}_${key}_\${SECRET_${key.toUpperCase().replace(/\W/g, '_')}_VERSION}.`
            : `Write ${variable.name}=v1 into .env.sample.`,
      }),
    ],
  };
}

/** A version that is written into the name itself. */
const literalVersion = (name: string): string => /_(v\d+)$/.exec(name)?.[1] ?? '';

type VersionVariable = Pick<PlacedUse, 'name' | 'fallback'>;

/** The last variable of a name template that is not the stack's own name. */
export function versionVariable(node: Node | undefined): VersionVariable | undefined {
  const template = node?.kind === 'scalar' ? node.template : undefined;
  return template === undefined
    ? undefined
    : usesIn(template).findLast(({ name }) => name !== 'STACK_NAME');
}

const versionOf = ({ name, fallback = '' }: VersionVariable, variables: Variables): string => {
  const value = variables.get(name);
  return value === undefined || value === '' ? fallback : value;
};

type Made = Pick<RecipeSecret, 'length' | 'charset' | 'generate'>;

function howMade(
  variable: string | undefined,
  sample: EnvSample,
): { readonly made: Made; readonly problems: readonly RecipeProblem[] } {
  const entry = variable === undefined ? undefined : sample.entries.get(variable);
  const words = (entry?.comment ?? '').split(/[\s;]+/).filter((word) => word.includes('='));
  const settings = new Map(words.map((word) => splitOnce(word)));
  const length = lengthOf(settings.get('length'));
  const charset = charsetOf(settings.get('charset'));
  const generate = settings.get('generate')?.toLowerCase() !== 'false';
  return {
    made: { length: length ?? lengthDefault, charset: charset ?? 'default', generate },
    problems:
      entry === undefined
        ? []
        : [
            ...(length === undefined ? [notUnderstood(entry, 'length', 'Write length=32.')] : []),
            ...(charset === undefined
              ? [notUnderstood(entry, 'charset', `Known: ${charsets.join(', ')}.`)]
              : []),
          ],
  };
}

const notUnderstood = (entry: Place, what: string, hint: string): RecipeProblem =>
  problemAt(entry, 'RCP032', `The ${what} behind the secret is not understood.`, { hint });

function lengthOf(text: string | undefined): number | undefined {
  if (text === undefined) return lengthDefault;
  const length = Number(text);
  return Number.isInteger(length) && length >= 1 && length <= lengthMax ? length : undefined;
}

function splitOnce(word: string): readonly [string, string] {
  const cut = word.indexOf('=');
  return [word.slice(0, cut).toLowerCase(), word.slice(cut + 1)];
}

/** From the poorest to the richest. */
const charsets: readonly Charset[] = ['hex', 'alnum', 'default', 'safespecial', 'special'];

/** Of several sets the richest, which holds the others. */
function charsetOf(text: string | undefined): Charset | undefined {
  if (text === undefined) return 'default';
  const words = text.toLowerCase().split(',');
  if (words.some((word) => !charsets.includes(word as Charset))) return undefined;
  return charsets.findLast((each) => words.includes(each));
}
