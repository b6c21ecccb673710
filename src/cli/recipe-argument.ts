// `run RECIPE` and `plan RECIPE`: from the name of a recipe that the pack knows, the folder or the URL of a
// repository to the manifest that counts. What the repository itself says about its run is not read: it
// comes with the release, and could lower what is asked of it.

import { existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { appName } from '../scenario/manifest-schema.ts';
import { flag, text, UsageError, type Terminal, type Values } from './command.ts';
import { packageRoot, preparePack } from './packs.ts';

export type RecipeArgument = {
  readonly manifestPath: string;
  /** Text of a manifest that nobody wrote: every key has its default. */
  readonly defaults?: string;
};

const pack = join(packageRoot, 'packs', 'coop-cloud');
const recipesOfPack = join(pack, 'apps');

/** Undefined where no recipe is named and the folder is none. */
export function readRecipeArgument(
  named: string | undefined,
  values: Values,
  { cwd, node }: Terminal,
): RecipeArgument | undefined {
  if (named === undefined)
    return text(values, 'manifest') === undefined && isBareRecipe(cwd)
      ? defaultsFor(cwd, values)
      : undefined;
  if (text(values, 'manifest') !== undefined)
    throw new UsageError('--manifest says which app it is', 'leave the RECIPE out');
  const folder = resolve(cwd, named);
  if (isUrl(named)) return defaultsFor(named, values);
  if (existsSync(folder) && statSync(folder).isDirectory()) return defaultsFor(folder, values);
  const manifestPath = join(recipesOfPack, named, 'seatrial.yaml');
  if (/^[a-z0-9-]+$/.test(named) && existsSync(manifestPath)) {
    preparePack(pack, node);
    return { manifestPath };
  }
  throw new UsageError(
    `no recipe ${JSON.stringify(named)}`,
    'name a folder, a URL, or a recipe of packs/coop-cloud/apps',
  );
}

const isUrl = (named: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(named) || /^[\w.-]+@[\w.-]+:/.test(named);

const isBareRecipe = (folder: string): boolean =>
  !existsSync(join(folder, 'seatrial.yaml')) &&
  ['compose.yml', '.env.sample'].some((file) => existsSync(join(folder, file)));

function defaultsFor(repository: string, values: Values): RecipeArgument {
  const name = basename(repository.replace(/\/+$/, '')).replace(/\.git$/, '');
  const app = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 40);
  if (!appName.safeParse(app).success)
    throw new UsageError(`${repository} has no name that could be an app's`);
  const lines = [
    'seatrial: 1',
    `app: ${JSON.stringify(app)}`,
    `driver: ${text(values, 'driver') ?? 'swarm'}`,
    `source: { git: ${JSON.stringify(repository)} }`,
    `resolveImage: ${flag(values, 'local-images') ? 'never' : 'always'}`,
  ];
  // Checks and hooks of the harness lie beside the manifest that the pack has, or would have.
  const manifestPath = join(recipesOfPack, app, 'seatrial.yaml');
  return { manifestPath, defaults: `${lines.join('\n')}\n` };
}
