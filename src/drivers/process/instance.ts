// One deployment of the process driver: its folders, ports, environment, and the unit that runs.

import { join } from 'node:path';

import type { InstanceContext } from '../../ports/app-driver.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DigestMemory, Files, Listing } from '../../ports/files.ts';
import type { Http } from '../../ports/http.ts';
import type { Lock, Locks } from '../../ports/locks.ts';
import type { Processes } from '../../ports/processes.ts';
import type { PreparedRelease } from '../../ports/release.ts';
import { type AppLog, makeAppLog } from './app-log.ts';
import { makeFileDigests } from './executable.ts';
import { type Argv, type ProcessSettings, readProcessSettings } from './settings.ts';
import { substitute, type Values } from './placeholders.ts';
import type { Born } from './launched.ts';
import type { Supervised } from './supervise.ts';

export type ProcessDriverOptions = {
  readonly processes: Processes;
  readonly locks: Locks;
  readonly http: Http;
  readonly files: Files;
  readonly clock: Clock;
  /** Digest of a listing; the one that releases are identified by. */
  readonly treeDigest: (listing: Listing) => string;
  /** Hex SHA-256. */
  readonly sha256: (content: Uint8Array | string) => string;
};

export type Stage = 'base' | 'head';

export type Unit = {
  readonly resource: string;
  readonly supervised: Supervised;
  readonly born: Born;
  /** Inode of the release folder that it was started from. */
  readonly treeInode: number;
  exit?: { readonly code?: number; readonly signal?: string };
};

export type Folders = {
  readonly release: string;
  readonly data: string;
  readonly config: string;
  readonly tmp: string;
  readonly home: string;
  readonly backup: string;
};

export type Instance = {
  readonly options: ProcessDriverOptions;
  readonly context: InstanceContext;
  readonly settings: ProcessSettings;
  readonly folders: Folders;
  readonly log: AppLog;
  /** Of the deployed tree, which is listed before and after each operation. */
  readonly treeMemory: DigestMemory;
  readonly digestFile: (path: string) => Promise<string | undefined>;
  /** Ends what is under way when the deployment is removed. */
  readonly closing: AbortController;
  /** The only part that changes. */
  readonly state: {
    ports: Readonly<Record<string, number>>;
    locks: readonly Lock[];
    unit: Unit | undefined;
    starts: number;
    deployed:
      | { readonly release: PreparedRelease; readonly stage: Stage; readonly tree: Listing }
      | undefined;
    /** The operation that is under way; settles without rejecting. */
    busy: Promise<unknown>;
  };
};

export function makeInstance(options: ProcessDriverOptions, context: InstanceContext): Instance {
  const settings = readProcessSettings(context.settings);
  const below = (name: string): string => join(context.work, name);
  return {
    options,
    context,
    settings,
    folders: {
      release: below('release'),
      data: below('data'),
      config: below('config'),
      tmp: below('tmp'),
      home: below('home'),
      backup: below('backup'),
    },
    log: makeAppLog(settings.probes.flatMap((probe) => ('log' in probe ? [probe.log] : []))),
    treeMemory: new Map(),
    digestFile: makeFileDigests(),
    closing: new AbortController(),
    state: {
      ports: {},
      locks: [],
      unit: undefined,
      starts: 0,
      deployed: undefined,
      busy: Promise.resolve(),
    },
  };
}

/** Placeholder values of this instance; ports only once they are allocated. */
export function valuesOf({ folders, state, context }: Instance): Values {
  const ports = Object.entries(state.ports);
  return {
    release: folders.release,
    data: folders.data,
    config: folders.config,
    tmp: folders.tmp,
    home: folders.home,
    work: context.work,
    run: context.run,
    node: process.execPath,
    ...(ports[0] === undefined ? {} : { port: String(ports[0][1]) }),
    ...Object.fromEntries(ports.map(([name, port]) => [`port.${name}`, String(port)])),
  };
}

const isSecret = ({ context }: Instance, name: string): boolean =>
  context.secretNames?.includes(name) ?? true;

/** Where programs are looked for: the harness's own Node first, so that `node` means the tested one. */
export const searchPath = (): string =>
  [
    process.execPath.slice(0, process.execPath.lastIndexOf('/')),
    '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ].join(':');

/** The app's whole environment, placeholders not filled in. Nothing is inherited from the harness. */
export function envTemplate(
  { context }: Pick<Instance, 'context'>,
  stage: Stage,
): Readonly<Record<string, string>> {
  return {
    PATH: searchPath(),
    HOME: '{home}',
    TMPDIR: '{tmp}',
    LANG: 'C.UTF-8',
    ...context.env,
    ...(stage === 'head' ? context.upgradeEnv : {}),
    SEATRIAL_RUN: '{run}',
  };
}

const ownNames = new Set(['PATH', 'HOME', 'TMPDIR', 'LANG', 'SEATRIAL_RUN']);

/** A variable of the driver's own is no secret, whatever the caller says about the app's. */
export const isShown = (instance: Instance, name: string): boolean =>
  (ownNames.has(name) && instance.context.env[name] === undefined) || !isSecret(instance, name);

/** The environment as the app gets it. Secret values are taken as they are: braces in them are their own. */
export function envOf(instance: Instance, stage: Stage): Readonly<Record<string, string>> {
  const values = valuesOf(instance);
  return Object.fromEntries(
    Object.entries(envTemplate(instance, stage)).map(([name, template]) => [
      name,
      isShown(instance, name) ? substitute(template, values) : template,
    ]),
  );
}

export const fillArgv = (argv: Argv, values: Values): Argv =>
  argv.map((word) => substitute(word, values)) as unknown as Argv;

/** Runs a command of the manifest beside the app: same environment, in the app's working directory. */
export async function runBeside(
  instance: Instance,
  argv: Argv,
  limits: {
    readonly timeoutMs: number;
    readonly outputLimitBytes: number;
    readonly signal?: AbortSignal;
    readonly values?: Values;
  },
): ReturnType<Processes['run']> {
  const { options, settings, state } = instance;
  const values = { ...valuesOf(instance), ...limits.values };
  return options.processes.run({
    argv: fillArgv(argv, values),
    cwd: substitute(settings.process.cwd, values),
    env: envOf(instance, state.deployed?.stage ?? 'base'),
    timeoutMs: limits.timeoutMs,
    outputLimitBytes: limits.outputLimitBytes,
    ...(limits.signal === undefined ? {} : { signal: limits.signal }),
  });
}
