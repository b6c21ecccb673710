// Releases that are folders or tarballs of this host, by path or by version in the manifest's directory.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { compareBuild, parse } from 'semver';

import type { Release } from '../../ports/release.ts';
import { WorldError } from '../../ports/world-error.ts';
import { fileError } from '../file-error.ts';
import { copySnapshot } from './snapshot.ts';
import { npmInstall, npmPack } from './npm.ts';
import { appFolder, fetchSourceTree, isNpmApp } from './source-tree.ts';
import { tarballPattern, unpackTarball } from './tarball.ts';
import { refBody, type ReleaseOriginDriver, type ReleaseSettings } from './release-settings.ts';

/** `1.2.0`, `v1.2.0`, `app-1.2.0`: the version at the end of a name, without a tarball's ending. */
export function versionOfName(name: string): string | undefined {
  const match = /(?:^|[-_@])v?(\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]*)?)$/.exec(
    name.replace(tarballPattern, ''),
  );
  return parse(match?.[1] ?? '') === null ? undefined : match?.[1];
}

async function kindOf(path: string): Promise<'directory' | 'file' | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return 'directory';
  return found?.isFile() === true ? 'file' : undefined;
}

/** The version in a folder's package.json, when it has one. */
async function packageVersion(folder: string): Promise<{ readonly version?: string }> {
  try {
    const parsed = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as unknown;
    const version =
      typeof parsed === 'object' && parsed !== null && 'version' in parsed
        ? parsed.version
        : undefined;
    return typeof version === 'string' ? { version } : {};
  } catch {
    return {};
  }
}

const versionField = (name: string): { readonly version?: string } => {
  const version = versionOfName(name);
  return version === undefined ? {} : { version };
};

/** A release in a folder or tarball that exists, by a path relative to the manifest. */
export async function releaseAt(settings: ReleaseSettings, ref: string): Promise<Release> {
  const path = resolve(settings.manifestFolder, ref);
  const kind = await kindOf(path);
  if (kind === 'directory') {
    const named = await packageVersion(appFolder(path, settings.source.path));
    return { origin: 'directory', ref: `dir:${ref}`, ...versionField(ref), ...named };
  }
  if (kind === 'file') return { origin: 'tarball', ref: `tar:${ref}`, ...versionField(ref) };
  throw new WorldError('not-found', `There is no folder or tarball ${path}.`);
}

/** Entries of the manifest's directory that bear a version, oldest first. */
async function listDirectory(settings: ReleaseSettings): Promise<readonly Release[]> {
  const { directory } = settings.source;
  if (directory === undefined) return [];
  const entries = await settings.files.list(resolve(settings.manifestFolder, directory));
  return entries
    .filter(
      ({ name, kind }) => kind === 'directory' || (kind === 'file' && tarballPattern.test(name)),
    )
    .flatMap(({ name, kind }): (Release & { version: string })[] => {
      const version = versionOfName(name);
      if (version === undefined) return [];
      const path = join(directory, name);
      return [
        kind === 'directory'
          ? { origin: 'directory', ref: `dir:${path}`, version }
          : { origin: 'tarball', ref: `tar:${path}`, version },
      ];
    })
    .sort((a, b) => compareBuild(a.version, b.version) || (a.ref < b.ref ? -1 : 1));
}

async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (error) {
    throw fileError(error, `read ${path}`);
  }
  return hash.digest('hex');
}

export function directoryOrigin(settings: ReleaseSettings): ReleaseOriginDriver {
  return {
    published: () => listDirectory(settings),
    resolve: async (ref) => {
      const releases = await listDirectory(settings);
      return releases.find(({ version }) => version === ref) ?? releaseAt(settings, ref);
    },
    fetch: async (release, work, options) => {
      const from = resolve(settings.manifestFolder, refBody(release.ref));
      const app = appFolder(from, settings.source.path);
      if (await isNpmApp(settings, app)) {
        // Packed where it is: only what would be published counts, not installed dependencies or caches.
        const tarball = await npmPack(settings, app, work, options);
        return {
          identity: `packed ${await digestFile(tarball)}`,
          fill: (to) => npmInstall(settings, tarball, to, options),
        };
      }
      const copy = join(work, 'copy');
      // The store may lie inside the folder, as `.seatrial` does.
      const store = dirname(dirname(settings.cacheFolder));
      await copySnapshot(from, copy, store === from ? [settings.cacheFolder] : [store]);
      return fetchSourceTree(settings, {
        identity: `directory ${settings.treeDigest(await settings.files.listing(copy))}`,
        work,
        options,
        write: (to) => settings.files.rename(copy, to),
      });
    },
  };
}

export function tarballOrigin(settings: ReleaseSettings): ReleaseOriginDriver {
  return {
    published: () => Promise.resolve([]),
    resolve: (ref) => releaseAt(settings, ref),
    fetch: async (release, work, options) => {
      const from = resolve(settings.manifestFolder, refBody(release.ref));
      // A copy of our own, named as the original: what is digested is what is unpacked.
      const copy = join(work, 'given', basename(from));
      await settings.files.makeDirectory(dirname(copy));
      await copyFile(from, copy).catch((error: unknown) => {
        throw fileError(error, `read ${from}`);
      });
      return fetchSourceTree(settings, {
        identity: `tarball ${await digestFile(copy)}`,
        work,
        options,
        write: (to) => unpackTarball(copy, to),
      });
    },
  };
}
