// Options that plan and run share, and the inputs they are turned into.

import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { storeOption } from './common-options.ts';
import {
  text,
  UsageError,
  type Argument,
  type Option,
  type Terminal,
  type Values,
} from './command.ts';
import { readRecipeArgument } from './recipe-argument.ts';
import { storeOf } from './store.ts';

export const planOptions: readonly Option[] = [
  { name: 'manifest', short: 'm', value: 'FILE', summary: 'default ./seatrial.yaml' },
  {
    name: 'scenario',
    value: 'NAME|FILE',
    summary: 'lifecycle (default), fresh, or a scenario file',
  },
  {
    name: 'head',
    value: 'REF',
    summary: 'the code under test: a version, git ref, npm:…, git:…, dir:… or tar:…',
  },
  {
    name: 'base',
    value: 'REF',
    summary: 'the release to upgrade from; default the last published',
  },
  {
    name: 'change',
    value: 'NUMBER',
    summary: 'as head: the pull request of that number (refs/pull/NUMBER/head)',
  },
  {
    name: 'driver',
    value: 'KIND',
    choices: ['swarm', 'compose', 'abra'],
    summary: 'for a RECIPE without a manifest (default swarm)',
  },
  {
    name: 'local-images',
    summary: 'for a RECIPE without a manifest: its images are on this host, pull none',
  },
  {
    name: 'ci-folder',
    value: 'FOLDER',
    summary: 'for a RECIPE: an existing recipe CI folder instead of a manifest',
  },
  { name: 'ops', value: 'LIST', summary: 'only these operations and what they need, e.g. backup' },
  { name: 'no-last-green', summary: 'do not prefer the last release that passed here as base' },
  {
    name: 'accept-shrunk',
    value: 'REASON',
    summary: 'accept that checks of the last green run are no longer asked',
  },
  {
    name: 'trust',
    value: 'FILE',
    summary:
      'allowlist for code that comes with a release (default trust.allow beside the manifest)',
  },
  storeOption,
];

/** What `run` and `plan` may be given instead of a manifest. */
export const recipeArgument: Argument = {
  name: 'recipe',
  summary: 'folder or URL of a recipe, or the name of one that the pack coop-cloud knows',
};

export type RunInputs = {
  readonly manifestPath: string;
  /** Text of the manifest, where there is no file. */
  readonly defaults?: string;
  /** Whether --manifest named it. */
  readonly manifestGiven?: boolean;
  readonly folder: string;
  readonly store: string;
  readonly scenario: string;
  /** Absolute path, where `scenario` names a file. */
  readonly scenarioFile?: string;
  readonly head?: string;
  readonly base?: string;
  readonly ops?: string;
  readonly lastGreen: boolean;
  readonly acceptShrunk?: string;
  /** Path of the allowlist, as it was given. */
  readonly trust?: string;
};

const acceptReasonMin = 10;

export function readRunInputs(
  values: Values,
  terminal: Terminal,
  args: readonly string[] = [],
): RunInputs {
  const manifest = text(values, 'manifest');
  const recipe = readRecipeArgument(args[0], values, terminal);
  const manifestPath = recipe?.manifestPath ?? resolve(terminal.cwd, manifest ?? 'seatrial.yaml');
  const folder = dirname(manifestPath);
  const trust = text(values, 'trust');
  return {
    manifestPath,
    ...(recipe?.defaults === undefined ? {} : { defaults: recipe.defaults }),
    manifestGiven: manifest !== undefined,
    folder,
    store: resolve(terminal.cwd, storeOf(values, terminal)),
    ...scenarioAsked(text(values, 'scenario') ?? 'lifecycle', terminal.cwd),
    ...releasesAsked(values, { cwd: terminal.cwd, folder }),
    ...opsAsked(values),
    lastGreen: values['no-last-green'] !== true,
    ...shrunkAccepted(values),
    ...(trust === undefined ? {} : { trust: resolve(terminal.cwd, trust) }),
  };
}

function releasesAsked(
  values: Values,
  place: { readonly cwd: string; readonly folder: string },
): Pick<RunInputs, 'head' | 'base'> {
  const head = changeAsked(values) ?? fromFolder(text(values, 'head'), place);
  const base = fromFolder(text(values, 'base'), place);
  return { ...(head === undefined ? {} : { head }), ...(base === undefined ? {} : { base }) };
}

function opsAsked(values: Values): Pick<RunInputs, 'ops'> {
  const ops = text(values, 'ops');
  return ops === undefined ? {} : { ops };
}

function shrunkAccepted(values: Values): Pick<RunInputs, 'acceptShrunk'> {
  const acceptShrunk = text(values, 'accept-shrunk');
  if (acceptShrunk === undefined) return {};
  if (acceptShrunk.trim().length < acceptReasonMin)
    throw new UsageError(
      `--accept-shrunk needs a reason of at least ${String(acceptReasonMin)} characters`,
    );
  return { acceptShrunk };
}

function changeAsked(values: Values): string | undefined {
  const change = text(values, 'change');
  if (change === undefined) return undefined;
  if (text(values, 'head') !== undefined)
    throw new UsageError('--change names the head already', 'leave --head out');
  if (!/^[1-9]\d{0,8}$/.test(change))
    throw new UsageError(`--change takes a number, not ${JSON.stringify(change)}`);
  return `git:refs/pull/${change}/head`;
}

/** Who types a path means it from where they are; releases are named from the manifest's folder. */
function fromFolder(
  release: string | undefined,
  { cwd, folder }: { readonly cwd: string; readonly folder: string },
): string | undefined {
  const [, kind, path] = /^(dir|tar):(.+)$/s.exec(release ?? '') ?? [];
  if (kind === undefined || path === undefined || isAbsolute(path)) return release;
  return `${kind}:${relative(folder, resolve(cwd, path)) || '.'}`;
}

export const scenarioAsked = (
  scenario: string,
  folder: string,
): Pick<RunInputs, 'scenario' | 'scenarioFile'> =>
  /\.ya?ml$/.test(scenario) ? { scenario, scenarioFile: resolve(folder, scenario) } : { scenario };
