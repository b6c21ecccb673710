// From a release's source tree to the tree that is deployed. An app that is published on npm has the same
// layout whether its release came from the registry or from a folder: it is packed and installed.

import { stat } from 'node:fs/promises';
import { join, normalize } from 'node:path';

import { WorldError } from '../../ports/world-error.ts';
import { npmInstall, npmPack } from './npm.ts';
import type { Fetched, FetchOptions, ReleaseSettings } from './release-settings.ts';

type SourceTree = {
  readonly identity: string;
  readonly work: string;
  readonly options: FetchOptions;
  /** Writes the whole source tree to a path that does not exist yet. */
  readonly write: (to: string) => Promise<void>;
};

/** The manifest's folder of the app inside a tree. */
export function appFolder(tree: string, path: string): string {
  const inside = normalize(path);
  if (inside.startsWith('/') || inside.split('/').includes('..'))
    throw new WorldError('refused', `source.path leads out of the release: ${path}.`);
  return join(tree, inside);
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Where `source.path` is inside a tree that was written. Throws `not-found` when it is not there. */
async function findApp(tree: string, path: string): Promise<string> {
  const folder = appFolder(tree, path);
  if (await exists(folder)) return folder;
  throw new WorldError('not-found', `The release has no folder ${path}.`);
}

/** Whether the app in a folder is installed by npm rather than copied. */
export const isNpmApp = async (settings: ReleaseSettings, folder: string): Promise<boolean> =>
  settings.source.npm !== undefined && exists(join(folder, 'package.json'));

async function fill(settings: ReleaseSettings, source: SourceTree, to: string): Promise<void> {
  const tree = join(source.work, 'source');
  await source.write(tree);
  const app = await findApp(tree, settings.source.path);
  if (!(await isNpmApp(settings, app))) return settings.files.rename(app, to);
  const tarball = await npmPack(settings, app, source.work, source.options);
  await npmInstall(settings, tarball, to, source.options);
}

/** Fills a release from a source tree that is written only when the cache lacks it. */
export const fetchSourceTree = (settings: ReleaseSettings, source: SourceTree): Fetched => ({
  identity: source.identity,
  fill: (to) => fill(settings, source, to),
});
