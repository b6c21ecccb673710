// What a folder's files say about the app in it. Only names and values of a safe form are taken over:
// a package.json is text from anywhere, and the result is a file that runs programs.

import type { Json, JsonObject } from '../ports/json.ts';
import { asObject } from './json-schema.ts';
import { isPackageName, isReference } from './manifest-schema.ts';
import { secretForm } from './secret-literal.ts';

/** A folder as its owner's command line sees it. */
export type AppFolder = {
  readonly name: string;
  /** Names of files at its top. */
  readonly files: readonly string[];
  /** Content of `package.json` as parsed. */
  readonly packageJson?: Json;
  /** Tags of the git repository it is, if any. */
  readonly tags?: readonly string[];
  /** URL of the remote `origin`, if any. */
  readonly remote?: string;
  /** Described by a registry alone: no folder here holds its code. */
  readonly published?: boolean;
};

type Because = { readonly because: string };

export type Guess = {
  readonly app: string;
  readonly driver: Because & { readonly value: 'process' | 'compose' | 'swarm' };
  readonly source?: Because & {
    readonly kind: 'npm' | 'git';
    readonly value: string;
    /** The code under test where no command names one. */
    readonly head?: string;
  };
  readonly start?: Because & { readonly argv: readonly string[] };
  readonly prepare?: Because & { readonly argv: readonly string[] };
};

export function guessFolder(folder: AppFolder): Guess {
  const driver = guessDriver(folder);
  const app = appName(folder);
  const source = guessSource(folder, driver.value);
  if (driver.value !== 'process') return { app, driver, ...(source && { source }) };
  const start = guessStart(folder, source?.kind === 'npm');
  const prepare = source?.kind === 'npm' ? undefined : guessPrepare(folder);
  return {
    app,
    driver,
    ...(source && { source }),
    ...(start && { start }),
    ...(prepare && { prepare }),
  };
}

function appName({ name, packageJson }: AppFolder): string {
  const named = asObject(packageJson)['name'];
  const words = typeof named === 'string' ? named.replace(/^@[^/]*\//, '') : name;
  const slug = words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return slug === '' ? 'app' : slug;
}

const composeFiles = ['compose.yml', 'compose.yaml', 'docker-compose.yml', 'docker-compose.yaml'];

function guessDriver({ files, packageJson }: AppFolder): Guess['driver'] {
  const compose = composeFiles.find((name) => files.includes(name));
  const recipe = ['abra.sh', '.env.sample'].find((name) => files.includes(name));
  if (compose !== undefined && recipe !== undefined)
    return { value: 'swarm', because: `${compose} beside ${recipe} is a recipe for Docker Swarm.` };
  const { bin, main, scripts } = asObject(packageJson);
  if ([bin, main, asObject(scripts)['start']].some((each) => each !== undefined))
    return { value: 'process', because: 'package.json says how it is started.' };
  if (compose !== undefined)
    return { value: 'compose', because: `${compose} says how it is deployed.` };
  if (files.includes('Dockerfile'))
    return { value: 'compose', because: 'there is a Dockerfile; a compose.yml must deploy it.' };
  return { value: 'process', because: 'nothing says otherwise.' };
}

function guessSource(folder: AppFolder, driver: Guess['driver']['value']): Guess['source'] {
  const { tags = [], remote } = folder;
  const published = driver === 'process' ? npmSource(folder) : undefined;
  if (published !== undefined) return published;
  if (remote !== undefined && isPublic(remote))
    return { kind: 'git', value: remote, because: 'it is the remote `origin` of this repository.' };
  if (tags.length > 0 || driver === 'swarm')
    return { kind: 'git', value: '.', because: 'releases are the tags of this repository.' };
  return undefined;
}

function npmSource({ packageJson, published = false }: AppFolder): Guess['source'] {
  const { name, private: hidden } = asObject(packageJson);
  if (hidden === true || typeof name !== 'string' || !isPackageName(name)) return undefined;
  return published
    ? { kind: 'npm', value: name, because: 'the registry has it.' }
    : { kind: 'npm', value: name, because: 'package.json is not private.', head: 'dir:.' };
}

/** A URL may carry somebody's token. */
function isPublic(remote: string): boolean {
  return isReference(remote) && secretForm(remote) === undefined && !/\/\/[^/]*@/.test(remote);
}

/** In a published package `bin` is what users start; in a repository it is the script `start`. */
function guessStart(folder: AppFolder, published: boolean): Guess['start'] {
  const manifest = asObject(folder.packageJson);
  const name = manifest['name'];
  const root =
    published && typeof name === 'string' ? `{release}/node_modules/${name}` : '{release}';
  const guesses = [binFile(manifest), mainFile(manifest), startFile(manifest)];
  const found = (published ? guesses : guesses.toReversed()).find((each) => each !== undefined);
  if (found === undefined) return undefined;
  const { file, rest, because } = found;
  return { argv: ['{node}', `${root}/${file}`, ...rest], because };
}

type StartFile = Because & { readonly file: string; readonly rest: readonly string[] };

function binFile({ bin, name }: JsonObject): StartFile | undefined {
  const entries = Object.entries(asObject(bin));
  const named = entries.find(([key]) => key === name) ?? entries[0];
  return startFrom(typeof bin === 'string' ? bin : named?.[1], 'it is `bin` in package.json.');
}

function mainFile({ main }: JsonObject): StartFile | undefined {
  return startFrom(main, 'it is `main` in package.json.');
}

function startFile({ scripts }: JsonObject): StartFile | undefined {
  const script = asObject(scripts)['start'];
  // More than one program, or anything that a shell would read, is beyond a guess.
  const words = typeof script === 'string' ? /^node((?: [\w./=:@-]+)+)$/.exec(script) : null;
  const [file, ...rest] = words?.[1]?.trim().split(' ') ?? [];
  const found = startFrom(file, 'it is the script `start` in package.json.');
  return found === undefined ? undefined : { ...found, rest };
}

function startFrom(file: Json | undefined, because: string): StartFile | undefined {
  if (typeof file !== 'string') return undefined;
  const path = file.replace(/^(?:\.\/)+/, '');
  const safe = /^(?!-)[\w@.-]{1,100}(?:\/[\w@.-]{1,100}){0,20}$/.test(path);
  return safe && !path.split('/').includes('..') ? { file: path, rest: [], because } : undefined;
}

function guessPrepare({ files, packageJson }: AppFolder): Guess['prepare'] {
  const needed = Object.keys(asObject(asObject(packageJson)['dependencies'])).length > 0;
  if (!needed) return undefined;
  const locked = files.includes('package-lock.json');
  const because = `it has dependencies${locked ? ' and a package-lock.json' : ''}.`;
  return { argv: ['npm', locked ? 'ci' : 'install', '--omit=dev', '--ignore-scripts'], because };
}
