// Releases by reference, wherever they come from: what is published, what a reference means, and its tree.

import { join, resolve } from 'node:path';

import { valid } from 'semver';

import type {
  PreparedRelease,
  Release,
  ReleaseOrigin,
  ReleaseSources,
} from '../../ports/release.ts';
import { WorldError } from '../../ports/world-error.ts';
import { directoryOrigin, releaseAt, tarballOrigin } from './directory.ts';
import { gitOrigin, repositoryOf } from './git.ts';
import { parseJson, releaseEnvironment } from './npm-command.ts';
import { npmOrigin } from './npm.ts';
import { cachedTree, withWorkFolder } from './prepare-cache.ts';
import type { FetchOptions, ReleaseOriginDriver, ReleaseSettings } from './release-settings.ts';

const prepareTimeoutMs = 900_000;
const prepareOutputBytes = 4 * 1024 * 1024;

type Origins = Readonly<Record<Exclude<ReleaseOrigin, 'fake'>, ReleaseOriginDriver>>;

const prefixes: Readonly<Record<string, keyof Origins>> = {
  npm: 'npm',
  git: 'git',
  dir: 'directory',
  tar: 'tarball',
};

/** The manifest's command that completes a tree, once per release. Its failure is the app's. */
async function runPrepare(
  settings: ReleaseSettings,
  tree: string,
  { signal, onProgress }: FetchOptions,
): Promise<void> {
  const { prepare, processes, env } = settings;
  if (prepare === undefined) return;
  const fill = (word: string): string =>
    word.replaceAll('{release}', tree).replaceAll('{node}', process.execPath);
  const [program, ...rest] = prepare;
  onProgress?.(`prepare: ${prepare.join(' ')}`);
  const result = await processes.run({
    argv: [fill(program), ...rest.map(fill)],
    cwd: tree,
    env: releaseEnvironment(env),
    timeoutMs: prepareTimeoutMs,
    outputLimitBytes: prepareOutputBytes,
    onOutput: (_, bytes) => onProgress?.(Buffer.from(bytes).toString('utf8').trimEnd()),
    ...(signal === undefined ? {} : { signal }),
  });
  if (result.cancelled) throw new WorldError('cancelled', 'Preparing the release was cancelled.');
  if (result.timedOut) throw new WorldError('timeout', 'Preparing the release took too long.');
  if (result.exitCode !== 0) {
    const said = Buffer.from(result.stderr).toString('utf8').trim().slice(-500);
    const end = result.signal ?? `exit code ${String(result.exitCode)}`;
    throw new WorldError('hook-failed', `${prepare.join(' ')} ended with ${end}: ${said}`);
  }
}

/** What a prepared tree depends on beside its source. */
const circumstances = ({ source, prepare }: ReleaseSettings): readonly string[] => [
  JSON.stringify([source.npm ?? null, source.path, source.npmScripts ?? false, prepare ?? null]),
  ...(source.overrides === undefined ? [] : [JSON.stringify(source.overrides)]),
  `${process.platform} ${process.arch} node ${process.versions.node}`,
];

async function prepareRelease(
  settings: ReleaseSettings,
  origins: Origins,
  release: Release,
  options: FetchOptions,
): Promise<PreparedRelease> {
  const { origin } = release;
  if (origin === 'fake')
    throw new WorldError('refused', `${release.ref} is a fake release; it has no tree.`);
  return withWorkFolder(settings, async (work) => {
    const fetched = await origins[origin].fetch(release, work, options);
    const tree = await cachedTree(settings, {
      release,
      ingredients: [fetched.identity, ...circumstances(settings)],
      options,
      make: async (to) => {
        await fetched.fill(to);
        await runPrepare(settings, to, options);
      },
    });
    const engines = await readEngines(settings, tree.root);
    return { release, ...tree, ...(engines === undefined ? {} : { engines }) };
  });
}

const packageSizeMax = 1 << 20;

/** `engines.node` of the app's package; undefined where it is none, or says nothing readable. */
async function readEngines(
  { files, source }: ReleaseSettings,
  root: string,
): Promise<string | undefined> {
  const folder = source.npm === undefined ? root : join(root, 'node_modules', source.npm);
  const path = join(folder, 'package.json');
  if ((await files.stat(path)) === undefined) return undefined;
  const parsed = parseJson(await files.read(path, packageSizeMax));
  const { engines } = (parsed ?? {}) as { readonly engines?: { readonly node?: unknown } | null };
  return typeof engines?.node === 'string' ? engines.node : undefined;
}

type Attempt = () => Promise<Release>;

/** The first attempt that finds something; other failures than absence are told. */
async function firstFound(ref: string, attempts: readonly Attempt[]): Promise<Release> {
  for (const attempt of attempts) {
    try {
      return await attempt();
    } catch (error) {
      if (!(
        error instanceof WorldError &&
        (error.code === 'not-found' || error.code === 'refused')
      ))
        throw error;
    }
  }
  throw new WorldError('not-found', `No release ${JSON.stringify(ref)}.`, {
    hint: 'Write npm:<package>@<version>, git:<ref>, dir:<path> or tar:<path>.',
  });
}

const looksLikePath = (ref: string): boolean =>
  ref === '.' || ref === '..' || /^(\/|\.\.?\/)/.test(ref);

/** A version is as often tagged with a `v` as without. */
const tagsOf = (ref: string): readonly string[] => (valid(ref) === ref ? [ref, `v${ref}`] : [ref]);

/** A reference without a prefix means the most likely thing that exists. */
function resolveBare(
  { source, ...settings }: ReleaseSettings,
  origins: Origins,
  ref: string,
  signal: AbortSignal | undefined,
): Promise<Release> {
  const isPath: Attempt = () => releaseAt({ source, ...settings }, ref);
  if (looksLikePath(ref)) return firstFound(ref, [isPath]);
  const isNpm: Attempt = () => origins.npm.resolve(ref, signal);
  const isVersion =
    valid(ref) !== null || (source.npm !== undefined && ref.startsWith(`${source.npm}@`));
  return firstFound(ref, [
    ...(source.npm !== undefined && isVersion ? [isNpm] : []),
    ...(source.git === undefined
      ? []
      : tagsOf(ref).map((tag) => () => origins.git.resolve(tag, signal))),
    ...(source.directory === undefined ? [] : [() => origins.directory.resolve(ref, signal)]),
    isPath,
    ...(source.npm !== undefined && !isVersion ? [isNpm] : []),
  ]);
}

function resolveReference(
  settings: ReleaseSettings,
  origins: Origins,
  ref: string,
  signal: AbortSignal | undefined,
): Promise<Release> {
  const [, prefix = '', body = ''] = /^(npm|git|dir|tar):(.*)$/s.exec(ref) ?? [];
  const origin = prefixes[prefix];
  return origin === undefined
    ? resolveBare(settings, origins, ref, signal)
    : origins[origin].resolve(body, signal);
}

function publishedOrigin(
  settings: ReleaseSettings,
  origins: Origins,
): ReleaseOriginDriver | undefined {
  if (settings.source.npm !== undefined) return origins.npm;
  if (settings.source.git !== undefined) return origins.git;
  return settings.source.directory === undefined ? undefined : origins.directory;
}

/** The releases of one app. Failures are WorldErrors; a failing `prepare` command is `hook-failed`. */
export function makeReleaseSources(settings: ReleaseSettings): ReleaseSources {
  const absolute: ReleaseSettings = {
    ...settings,
    manifestFolder: resolve(settings.manifestFolder),
    cacheFolder: resolve(settings.cacheFolder),
  };
  const origins: Origins = {
    npm: npmOrigin(absolute),
    git: gitOrigin(absolute),
    directory: directoryOrigin(absolute),
    tarball: tarballOrigin(absolute),
  };
  return {
    published: async (signal) =>
      (await publishedOrigin(absolute, origins)?.published(signal)) ?? [],
    resolve: async (ref, signal) => resolveReference(absolute, origins, ref, signal),
    isAncestor: async (older, newer) =>
      absolute.source.git === undefined || older.commit === undefined || newer.commit === undefined
        ? undefined
        : absolute.git.isAncestor(repositoryOf(absolute), older.commit, newer.commit),
    committed: async ({ origin, commit }, paths) =>
      origin === 'git' && commit !== undefined
        ? absolute.git.readFiles(repositoryOf(absolute), commit, paths)
        : undefined,
    prepare: async (release, options) => prepareRelease(absolute, origins, release, options),
  };
}
