// The configs of a recipe. The engine never changes one, so new content needs a new name; the name
// holds a version for that, which somebody must remember to raise.

import { sha256Hex } from '../evidence/canonical.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import { pathBelow, type RecipeFiles } from './recipe-files.ts';
import { versionVariable } from './secrets.ts';
import { at, entriesAt, textAt, type Mapping, type Node, type Place } from './tree.ts';

export type RecipeConfig = {
  readonly key: string;
  /** In the engine, with stack and version. */
  readonly name: string;
  /** Relative to the root of the recipe. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Hex SHA-256 of the file, templates as they are written. */
  readonly digest: string;
  /** Whether its name says a version. */
  readonly versioned: boolean;
  /** Variable that holds its version. */
  readonly variable?: string;
  readonly place: Place;
};

export type ConfigContext = {
  readonly files: RecipeFiles;
  readonly stack: string;
  /** Of the first compose file: Docker looks there for the files that any of them names. */
  readonly folder: string;
};

export function readConfigs(
  tree: Mapping,
  context: ConfigContext,
): { readonly configs: readonly RecipeConfig[]; readonly problems: readonly RecipeProblem[] } {
  const configs: RecipeConfig[] = [];
  const problems: RecipeProblem[] = [];
  for (const [key, { node }] of entriesAt(tree, 'configs')) {
    const path = textAt(node, 'file');
    if (path === undefined) continue;
    const read = readRecipeFile(at(node, 'file') ?? node, path, context);
    if ('problem' in read) problems.push(read.problem);
    else configs.push(describe(key, node, { ...read, stack: context.stack }));
  }
  return { configs, problems };
}

function describe(
  key: string,
  node: Node,
  { file, bytes, stack }: ReadRecipeFile & { readonly stack: string },
): RecipeConfig {
  const nameNode = at(node, 'name');
  const variable = versionVariable(nameNode)?.name;
  const name = textAt(node, 'name') ?? `${stack}_${key}`;
  return {
    ...{ key, file, bytes, digest: sha256Hex(bytes), place: nameNode ?? node },
    name,
    versioned: variable !== undefined || /_v\d+$/.test(name),
    ...(variable === undefined ? {} : { variable }),
  };
}

type ReadRecipeFile = { readonly file: string; readonly bytes: Uint8Array };

function readRecipeFile(
  place: Place,
  path: string,
  { files, folder }: ConfigContext,
): ReadRecipeFile | { readonly problem: RecipeProblem } {
  const file = pathBelow(folder, path);
  if (file === undefined)
    return {
      problem: problemAt(place, 'RCP020', `\`${path}\` leads out of the recipe.`, {
        hint: 'Name a file of the recipe, relative to the first compose file.',
      }),
    };
  const read = files.read(file);
  if (read.kind === 'file') return { file, bytes: read.bytes };
  if (read.kind === 'refused')
    return { problem: problemAt(place, 'RCP020', `\`${path}\` ${read.why}.`) };
  return {
    problem: problemAt(place, 'RCP006', `There is no file \`${file}\`.`, {
      hint: 'Add it to the recipe, or correct the path.',
    }),
  };
}
