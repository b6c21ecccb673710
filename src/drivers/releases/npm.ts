// Releases from an npm registry, and the layout `{release}/node_modules/<package>` for those from elsewhere.

import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { compare, valid } from 'semver';

import type { Release } from '../../ports/release.ts';
import { WorldError } from '../../ports/world-error.ts';
import { fileError } from '../file-error.ts';
import { knownVersion, rememberVersion } from './known-versions.ts';
import { parseJson, quickRetries, runNpm } from './npm-command.ts';
import {
  refBody,
  type FetchOptions,
  type ReleaseOriginDriver,
  type ReleaseSettings,
} from './release-settings.ts';

const viewTimeoutMs = 120_000;
const installTimeoutMs = 900_000;

const packagePattern = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*$/;
const wantedPattern = /^[a-zA-Z0-9][a-zA-Z0-9.+_-]*$/;

type PackageRef = { readonly name: string; readonly wanted: string };

/** `pkg@1.2.3`, `@scope/pkg@tag`, or a version or tag of the manifest's package alone. */
export function parsePackageRef(ref: string, known: string | undefined): PackageRef {
  const at = ref.lastIndexOf('@');
  const named = at > 0 ? { name: ref.slice(0, at), wanted: ref.slice(at + 1) } : undefined;
  const alone =
    known !== undefined && wantedPattern.test(ref) && ref !== known
      ? { name: known, wanted: ref }
      : { name: ref, wanted: 'latest' };
  const result = named ?? alone;
  if (!packagePattern.test(result.name) || !wantedPattern.test(result.wanted))
    throw new WorldError('refused', `Not a package and version: ${JSON.stringify(ref)}.`);
  return result;
}

type View = Readonly<Record<string, unknown>>;

async function view(
  settings: ReleaseSettings,
  spec: string,
  fields: readonly string[],
  signal: AbortSignal | undefined,
): Promise<View> {
  const output = parseJson(
    await runNpm(settings, {
      args: ['view', spec, ...fields, '--json', ...quickRetries],
      what: `look up ${spec}`,
      cwd: tmpdir(),
      timeoutMs: viewTimeoutMs,
      ...(signal === undefined ? {} : { signal }),
    }),
  );
  const one: unknown = Array.isArray(output) ? output.at(-1) : output;
  if (typeof one !== 'object' || one === null)
    throw new WorldError('not-found', `The registry knows no ${spec}.`);
  return one as View;
}

async function listVersions(
  settings: ReleaseSettings,
  name: string,
  signal: AbortSignal | undefined,
): Promise<readonly Release[]> {
  // A second field keeps npm from answering with a bare list.
  const { versions } = await view(settings, name, ['versions', 'dist-tags'], signal);
  const all: readonly unknown[] = Array.isArray(versions) ? versions : [versions];
  return all
    .filter((version): version is string => typeof version === 'string' && valid(version) !== null)
    .sort(compare)
    .map((version) => ({ origin: 'npm', ref: `npm:${name}@${version}`, version }));
}

async function findVersion(
  settings: ReleaseSettings,
  ref: string,
  signal: AbortSignal | undefined,
): Promise<Release> {
  const { name, wanted } = parsePackageRef(ref, settings.source.npm);
  const known = await knownVersion(settings, name, wanted);
  if (known !== undefined) return known;
  const found = await view(settings, `${name}@${wanted}`, ['version', 'dist.integrity'], signal);
  const version = String(found['version']);
  const integrity = found['dist.integrity'];
  const release: Release = {
    origin: 'npm',
    ref: `npm:${name}@${version}`,
    version,
    ...(typeof integrity === 'string' ? { integrity } : {}),
  };
  await rememberVersion(settings, release);
  return release;
}

/**
 * Installs a package or a tarball of one below `to`. Nothing is left that differs between two installs of
 * the same version: npm's hidden lock file names the registry.
 */
export async function npmInstall(
  settings: ReleaseSettings,
  spec: string,
  to: string,
  options: FetchOptions,
): Promise<void> {
  const overrides =
    settings.source.overrides === undefined
      ? undefined
      : JSON.stringify({ private: true, overrides: settings.source.overrides });
  try {
    await mkdir(to, { recursive: true });
    // The root's mode is part of the digest and must not come from the umask.
    await chmod(to, 0o755);
    if (overrides !== undefined) await writeFile(join(to, 'package.json'), overrides);
  } catch (error) {
    throw fileError(error, `make ${to}`);
  }
  await runNpm(settings, {
    ...options,
    args: [
      'install',
      '--prefix',
      to,
      settings.source.npmScripts === true ? '--ignore-scripts=false' : '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--omit=dev',
      '--no-save',
      '--no-package-lock',
      '--install-strategy=hoisted',
      '--global=false',
      '--json',
      spec,
    ],
    what: `install ${spec}`,
    cwd: to,
    timeoutMs: installTimeoutMs,
  }).catch(tellRemedy);
  await rm(join(to, 'node_modules/.package-lock.json'), { force: true });
  if (overrides !== undefined) await rm(join(to, 'package.json'), { force: true });
}

/** A release whose own dependencies are gone is no news to npm, and a riddle to whoever only named it. */
function tellRemedy(error: unknown): never {
  if (error instanceof WorldError && error.code === 'not-found')
    throw new WorldError('not-found', error.message, {
      hint: 'name another release, or other versions of what it needs in source.overrides',
      cause: error,
    });
  throw error;
}

/** Packs a folder as `npm publish` would; returns the tarball in `work`. */
export async function npmPack(
  settings: ReleaseSettings,
  folder: string,
  work: string,
  options: FetchOptions,
): Promise<string> {
  const output = parseJson(
    await runNpm(settings, {
      ...options,
      args: [
        'pack',
        settings.source.npmScripts === true ? '--ignore-scripts=false' : '--ignore-scripts',
        '--json',
        '--pack-destination',
        work,
        folder,
      ],
      what: `pack ${folder}`,
      cwd: work,
      timeoutMs: installTimeoutMs,
    }),
  );
  const [packed] = (Array.isArray(output) ? output : []) as readonly {
    readonly name?: unknown;
    readonly filename?: unknown;
  }[];
  if (typeof packed?.filename !== 'string')
    throw new WorldError('io', `npm packed ${folder} without saying into which file.`);
  if (packed.name !== settings.source.npm)
    throw new WorldError(
      'refused',
      `${folder} holds the package ${String(packed.name)}, not ${String(settings.source.npm)}.`,
    );
  return join(work, packed.filename);
}

export function npmOrigin(settings: ReleaseSettings): ReleaseOriginDriver {
  return {
    published: async (signal) =>
      settings.source.npm === undefined ? [] : listVersions(settings, settings.source.npm, signal),
    resolve: async (ref, signal) => findVersion(settings, ref, signal),
    fetch: async (release, _work, options) => {
      const spec = refBody(release.ref);
      const exact =
        release.integrity === undefined
          ? await findVersion(settings, spec, options.signal)
          : release;
      return {
        identity: `npm ${spec} ${exact.integrity ?? ''}`,
        fill: (to) => npmInstall(settings, spec, to, options),
      };
    },
  };
}
