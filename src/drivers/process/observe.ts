// What really runs, read from /proc and from the disk, in the shape of a rendering. Nothing here
// trusts what the driver sent: an app started from another tree, with edited files, other arguments
// or another environment comes out different.

import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { ServiceState, Snapshot } from '../../ports/app-driver.ts';
import type { Listing } from '../../ports/files.ts';
import type { Json } from '../../ports/json.ts';
import { resolveExecutable } from './executable.ts';
import type { Born } from './launched.ts';
import {
  envTemplate,
  fillArgv,
  type Instance,
  isShown,
  searchPath,
  type Unit,
  valuesOf,
} from './instance.ts';
import { express, substitute } from './placeholders.ts';
import {
  descendantsOf,
  describeProcess,
  listeningSockets,
  readCommandLine,
  readEnvironment,
  readExecutable,
  readWorkingDirectory,
} from './proc.ts';
import { configTemplates, type ProcessSpec, serviceName, volumeName } from './render.ts';

const changedMax = 20;

/** The next best where nothing told what was executed: a program that is quick has changed it already. */
export function readBorn(pid: number): Born {
  return {
    argv: readCommandLine(pid) ?? [],
    env: readEnvironment(pid) ?? {},
    executable: readExecutable(pid) ?? '',
    cwd: readWorkingDirectory(pid) ?? '',
  };
}

export async function observe(instance: Instance): Promise<Snapshot> {
  const { folders, state } = instance;
  const { unit, deployed } = state;
  if (deployed === undefined) return { services: {}, volumes: [], listeners: [], facts: {} };
  const tree = await listTree(instance);
  return {
    services: { [serviceName]: await serviceState(instance, unit, tree) },
    volumes: [{ name: volumeName, id: await identityOf(folders.data) }],
    listeners: readListeners(instance),
    facts: facts(instance, unit, tree),
  };
}

/** Reads only what has changed since it was listed last, while the app was settling. */
export async function listTree({ folders, options, treeMemory }: Instance): Promise<Listing> {
  const exists = (await options.files.stat(folders.release)) !== undefined;
  return exists ? options.files.listing(folders.release, { memory: treeMemory }) : [];
}

async function serviceState(
  instance: Instance,
  unit: Unit | undefined,
  tree: Listing,
): Promise<ServiceState> {
  // Made by install alone and kept ever after, so a second installation would show.
  const id = await identityOf(instance.folders.home);
  if (unit === undefined) return { spec: {}, id, units: [] };
  const running = unit.supervised.running();
  const { pid, startTime } = unit.supervised;
  return {
    spec: running ? await readSpec(instance, unit, tree) : {},
    id,
    units: [
      {
        id: `${String(pid)}@${String(startTime)}`,
        running,
        ...(unit.exit?.code === undefined ? {} : { exitCode: unit.exit.code }),
        restarts: 0,
      },
    ],
  };
}

async function readSpec(instance: Instance, unit: Unit, tree: Listing): Promise<ProcessSpec> {
  const { options, folders, state } = instance;
  const { born } = unit;
  const folder = await options.files.stat(folders.release);
  return {
    argv: await readArgv(instance, born),
    cwd: await readCwd(instance, born),
    env: readEnv(instance, born.env, envTemplate(instance, state.deployed?.stage ?? 'base')),
    tree:
      folder?.inode === unit.treeInode
        ? options.treeDigest(tree)
        : '≠ another folder than the one it was started from',
    config: await readConfig(instance),
    exe: await readProgram(instance, unit),
  };
}

/** The template when the arguments are those that the kernel shows for it, scripts and `env` resolved. */
async function readArgv(instance: Instance, { argv }: Born): Promise<readonly string[]> {
  const { settings } = instance;
  const values = valuesOf(instance);
  const { seenAs } = await resolveStart(instance);
  const isExpected = seenAs.some(
    (seen) => seen.length === argv.length && seen.every((word, at) => word === argv[at]),
  );
  return isExpected
    ? settings.process.start
    : argv.map((word, at) => express(word, settings.process.start[at], values));
}

function resolveStart(instance: Instance): ReturnType<typeof resolveExecutable> {
  const { settings, state } = instance;
  const values = valuesOf(instance);
  const path = envTemplate(instance, state.deployed?.stage ?? 'base')['PATH'] ?? searchPath();
  return resolveExecutable(fillArgv(settings.process.start, values), {
    cwd: substitute(settings.process.cwd, values),
    path: substitute(path, values),
  });
}

/** The kernel shows folders without links; a template that leads to the same folder is the same. */
async function readCwd(instance: Instance, { cwd: actual }: Born): Promise<string> {
  const { cwd } = instance.settings.process;
  const values = valuesOf(instance);
  const wanted = await realpath(substitute(cwd, values)).catch(() => undefined);
  return wanted === actual ? cwd : express(actual, undefined, values);
}

/**
 * Digest of the program. A script's interpreter may find another one (`env`), and a wrapper may replace itself by
 * `exec`: what was executed counts as well as what is now. The wrapper is part of the tree; the facts show the rest.
 */
async function readProgram(instance: Instance, { born, supervised }: Unit): Promise<string | null> {
  const { path } = await resolveStart(instance);
  const wanted = path === undefined ? undefined : await instance.digestFile(path);
  // The link itself reads the loaded binary, also when its file was replaced or deleted since.
  const now = await instance.digestFile(`/proc/${String(supervised.pid)}/exe`);
  const first = await instance.digestFile(born.executable);
  return (first === wanted ? first : now) ?? null;
}

function readEnv(
  instance: Instance,
  actual: Readonly<Record<string, string>>,
  templates: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { sha256 } = instance.options;
  const values = valuesOf(instance);
  return Object.fromEntries(
    Object.entries(actual)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => {
        const template = templates[name];
        if (template === undefined) return [name, 'unexpected'];
        if (isShown(instance, name))
          return [name, `sha256:${sha256(express(value, template, values))}`];
        return [name, value === template ? `secret:${name}` : `≠ secret:${name}`];
      }),
  );
}

async function readConfig(instance: Instance): Promise<Readonly<Record<string, string | null>>> {
  const { folders, options } = instance;
  const values = valuesOf(instance);
  const read: Record<string, string | null> = {};
  for (const [name, template] of Object.entries(await configTemplates(instance))) {
    const path = join(folders.config, name);
    const exists = (await options.files.stat(path)) !== undefined;
    read[name] = exists
      ? options.sha256(express(await options.files.readText(path), template, values))
      : null;
  }
  return read;
}

/** A folder's inode and birth: another folder of the same name is another thing. */
async function identityOf(folder: string): Promise<string> {
  try {
    const { dev, ino, birthtimeMs } = await stat(folder);
    return `${String(dev)}:${String(ino)}@${String(Math.round(birthtimeMs))}`;
  } catch {
    return 'absent';
  }
}

/** Listening sockets on the instance's ports. `own`: held by the current unit or a descendant of its guardian. */
export function readListeners({ state }: Instance): Snapshot['listeners'] {
  const ports = Object.values(state.ports);
  if (ports.length === 0) return [];
  const { unit } = state;
  const own = new Set<number>();
  if (unit?.supervised.running() === true) {
    const { pid, guardianPid } = unit.supervised;
    own.add(pid);
    for (const each of descendantsOf([pid, guardianPid])) own.add(each.pid);
  }
  return listeningSockets(ports).map(({ port, pids }) => ({
    port,
    own: pids.length > 0 && pids.every((pid) => own.has(pid)),
    holder: pids.map((pid) => `${String(pid)} ${describeProcess(pid)}`).join(', ') || 'unknown',
  }));
}

/** Reported, never judged: what helps a person to see why an identity differs. */
function facts({ state, log }: Instance, unit: Unit | undefined, tree: Listing): Json {
  const { deployed } = state;
  if (deployed === undefined || unit === undefined) return {};
  return {
    release: deployed.release.release.ref,
    ports: { ...state.ports },
    treeChanges: changesOf(deployed.tree, tree),
    ...(unit.supervised.running()
      ? {
          executes: readExecutable(unit.supervised.pid) ?? null,
          calledNow: readCommandLine(unit.supervised.pid)?.join(' ') ?? null,
        }
      : { lastLines: log.lastLines() }),
  };
}

function changesOf(before: Listing, after: Listing): readonly string[] {
  const key = ({ kind, mode, sha256, target }: Listing[number]): string =>
    [kind, mode, sha256, target].join(' ');
  const was = new Map(before.map((entry) => [entry.path, key(entry)]));
  const is = new Map(after.map((entry) => [entry.path, key(entry)]));
  return [
    ...[...is].filter(([path]) => !was.has(path)).map(([path]) => `added ${path}`),
    ...[...is]
      .filter(([path, value]) => was.has(path) && was.get(path) !== value)
      .map(([path]) => `changed ${path}`),
    ...[...was].filter(([path]) => !is.has(path)).map(([path]) => `removed ${path}`),
  ].slice(0, changedMax);
}
