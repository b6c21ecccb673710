// What must be there before a scenario can be run on an installed product. All of it is asked at once, so that nobody
// mends one thing to learn of the next.

import { accessSync, constants, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, SubjectConditions } from 'seatrial';
import { scripts, versionInLine } from '../checks/product-commands.ts';
import { agentsAt, commitOf, git, runQuietly } from './installed-checkout.ts';

export type Settings = {
  readonly nemoclaw: string;
  readonly openshell: string;
  readonly checkout: string;
  readonly base: string;
  readonly head: string;
};

/** The schema of the file has judged it. */
export const settingsIn = (settings: JsonObject | undefined): Settings | undefined =>
  settings as Settings | undefined;

type Demand = {
  /** Commands that the programs must know, as their `--help` lists them; of a group, as that of the group does. */
  readonly nemoclaw: readonly string[];
  readonly openshell: readonly string[];
  /** Below the checkout. */
  readonly places: readonly string[];
};

/** Of actions that are performed by commands alone; all others know the folders of the reference. */
const demands: Readonly<Record<string, Demand>> = {
  install: {
    nemoclaw: ['image', 'policy'],
    openshell: [
      ...['gateway start', 'provider create', 'inference set'],
      ...['sandbox create', 'sandbox list', 'sandbox exec'],
    ],
    places: [],
  },
  'check-upgrades': {
    nemoclaw: ['upgrade-sandboxes'],
    openshell: ['sandbox list', 'sandbox exec'],
    places: ['agents/openclaw/build.json'],
  },
  rebuild: { nemoclaw: ['upgrade-sandboxes', 'rebuild'], openshell: [], places: [] },
};

export async function unmetConditions({
  settings: given,
  ...conditions
}: SubjectConditions): Promise<readonly string[]> {
  const settings = settingsIn(given);
  if (settings === undefined) return ['nobody says where the product is installed'];
  return [
    ...engineUnmet(conditions),
    ...(await programUnmet('nemoclaw', settings, conditions)),
    ...(await programUnmet('openshell', settings, conditions)),
    ...(await checkoutUnmet(settings, conditions)),
    ...conditions.actions
      .filter((action) => !Object.hasOwn(demands, action))
      .map((action) => `the action ${action} can be performed on the reference alone`),
  ];
}

const demanded = (actions: readonly string[]): readonly Demand[] =>
  actions.flatMap((action) => (Object.hasOwn(demands, action) ? [demands[action] as Demand] : []));

/** An engine that a user works with holds what is theirs, under names that the product chooses. */
function engineUnmet({
  dockerHost: host,
  isOwnEngine,
}: Pick<SubjectConditions, 'dockerHost' | 'isOwnEngine'>): readonly string[] {
  if (host === '') return [];
  const path = /^unix:\/\/(.+)$/.exec(host)?.[1];
  const own = ['/var/run/docker.sock', join(homedir(), '.docker/run/docker.sock')];
  return !isOwnEngine || (path !== undefined && own.map(realOrSame).includes(realOrSame(path)))
    ? [`${host} is the user's own engine: SEATRIAL_DOCKER_HOST names another`]
    : [];
}

function realOrSame(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

const isBelow = (folder: string, path: string): boolean =>
  realOrSame(path).startsWith(`${realOrSame(folder)}/`);

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const askLimits = { timeout: 20_000, maxBuffer: 1024 * 1024 };

/** In a home of its own: asking for a version may write one. */
async function programUnmet(
  name: 'nemoclaw' | 'openshell',
  settings: Settings,
  { actions }: Pick<SubjectConditions, 'actions'>,
): Promise<readonly string[]> {
  const path = settings[name];
  if (!isProgram(path)) return [`${name}: ${path} is no program that can be started`];
  const home = mkdtempSync(join(tmpdir(), 'seatrial-asked-'));
  try {
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, XDG_RUNTIME_DIR: home };
    const told = await runQuietly([path, '--version'], env, askLimits);
    const [line = ''] = told.stdout.split('\n', 1);
    if (told.exit !== 0 || versionInLine(line) === undefined)
      return [`${name}: ${path} --version tells no version`];
    const commands = [...new Set(demanded(actions).flatMap((each) => each[name]))];
    const help = async (...group: readonly string[]): Promise<ReadonlySet<string>> => {
      const { stdout } = await runQuietly([path, ...group, '--help'], env, askLimits);
      return new Set(stdout.split(/[^a-z-]+/));
    };
    return (await unknownCommands(commands, help)).map(
      (command) => `${name}: the help of ${path} names no command ${command}`,
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

type Help = (...group: readonly string[]) => Promise<ReadonlySet<string>>;

/** A group that is missing is told once, without its commands. */
async function unknownCommands(
  commands: readonly string[],
  help: Help,
): Promise<readonly string[]> {
  const known = await help();
  const [first, groups] = [new Set<string>(), new Map<string, string[]>()];
  for (const [word = '', command] of commands.map((each) => each.split(' '))) {
    first.add(word);
    if (command !== undefined) groups.set(word, [...(groups.get(word) ?? []), command]);
  }
  const unknown = [...first].filter((word) => !known.has(word));
  for (const [group, wanted] of groups) {
    if (unknown.includes(group)) continue;
    const below = await help(group);
    unknown.push(...wanted.filter((each) => !below.has(each)).map((each) => `${group} ${each}`));
  }
  return unknown;
}

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

async function checkoutUnmet(
  { nemoclaw, checkout, base, head }: Settings,
  { actions, places }: Pick<SubjectConditions, 'actions' | 'places'>,
): Promise<readonly string[]> {
  const top = (await git(checkout, ['rev-parse', '--show-toplevel']))?.trim();
  if (top === undefined || top !== realOrSame(checkout))
    return [`checkout: ${checkout} is no git checkout`];
  const wanted = [
    ...Object.values(scripts),
    ...demanded(actions).flatMap((each) => each.places),
    ...places,
  ];
  return [
    ...(places.length > 0 && !isBelow(checkout, nemoclaw)
      ? [`nemoclaw: ${nemoclaw} is not of ${checkout}, of which the run changes a copy`]
      : []),
    ...(await refsUnmet({ checkout, base, head })),
    ...[...new Set(wanted)]
      .filter((path) => !isThere(join(checkout, path)))
      .map((path) => `checkout: ${checkout} has no ${path}`),
  ];
}

async function refsUnmet({
  checkout,
  base,
  head,
}: Pick<Settings, 'checkout' | 'base' | 'head'>): Promise<readonly string[]> {
  const unmet: string[] = [];
  for (const [name, ref] of Object.entries({ base, head })) {
    const isKnown = (await commitOf(checkout, ref)) !== undefined;
    if (!isKnown) unmet.push(`${name}: ${checkout} has no ref ${ref}`);
    else if (Object.keys(await agentsAt(checkout, ref)).length === 0)
      unmet.push(`${name}: ${ref} does not say which agents it brings`);
  }
  if ((await commitOf(checkout, 'HEAD')) !== (await commitOf(checkout, head)))
    unmet.push(`checkout: ${checkout} does not stand at ${head}`);
  const changed = await git(checkout, ['status', '--porcelain', '--untracked-files=no']);
  if (changed !== '') unmet.push(`checkout: files of ${checkout} differ from ${head}`);
  return unmet;
}
