// One deployment of a container driver: what it was given, the stack as it is deployed, and the order
// of operations on it.

import type { InstanceContext } from '../../ports/app-driver.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Files } from '../../ports/files.ts';
import type { HttpThrough } from '../../ports/http.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Lock, Locks } from '../../ports/locks.ts';
import type { Processes } from '../../ports/processes.ts';
import type { PreparedRelease } from '../../ports/release.ts';
import type { Stack, StackSource } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import { assertNotCancelled } from '../exclusively.ts';
import type { BackupScope } from './backup-scope.ts';
import type { Engine } from './engine.ts';
import { labels } from './names.ts';
import type { Relay } from './task-relay.ts';
import { type DockerSettings, readDockerSettings } from './settings.ts';

export type DockerDriverOptions = {
  /** `unix:///…` or a path. */
  readonly host: string;
  /** Folder with the CLI's plugins; absent: the CLI's own. */
  readonly cliConfig?: string;
  readonly processes: Processes;
  readonly files: Files;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly stacks: StackSource;
  /** Where the engine's published ports are reached; default the Swarm node's own address. */
  readonly address?: string;
  /** The proxy in front of the engine's apps; absent: this host names none. */
  readonly ingress?: HttpThrough;
};

export type Stage = 'base' | 'head';

export type Deployed = {
  readonly stack: Stack;
  readonly stage: Stage;
  readonly release: PreparedRelease;
};

export type Sent = {
  /** Digest of the engine's own record right after sending, and right before where there was one. */
  readonly spec: string;
  readonly before?: string;
  /** When the last update began that the engine told of before sending. */
  readonly updatedAt?: string;
};

export type Instance = {
  readonly options: DockerDriverOptions;
  readonly engine: Engine;
  readonly context: InstanceContext;
  readonly settings: DockerSettings;
  /** Of the same run, made before this one. */
  readonly earlier: readonly Instance[];
  readonly closing: AbortController;
  readonly state: {
    deployed: Deployed | undefined;
    /** By `service/target/protocol`; leased once and kept over upgrades. */
    ports: Readonly<Record<string, number>>;
    locks: readonly Lock[];
    /** Names of these locks. */
    readonly leased: Set<string>;
    /** Generated once, by the engine's name of the secret. */
    secrets: Readonly<Record<string, string>>;
    address: string;
    /** Service and port that answer, of what is deployed now, and what the proxy is told that they speak. */
    way: { readonly service: string; readonly port: number; readonly scheme?: string } | undefined;
    /** Into the task, where nothing is published or what the proxy says is compared. */
    relay: Relay | undefined;
    /** Whether the app is asked through the proxy. */
    throughProxy: boolean;
    /** Ports whose rewriting was told. */
    readonly rewritten: Set<string>;
    /** In the engine: the network in place of the proxy's, of which this stack is the first of its run. */
    standIn: string | undefined;
    /** Networks of others that are not in this engine; decided once, for base and head alike. */
    missingNetworks: ReadonlySet<string>;
    /** Last time stamp that was handed out, by container. */
    logsUntil: ReadonlyMap<string, string>;
    busy: Promise<unknown>;
    /** By service, what the operation under way found and sent. */
    sent: Readonly<Record<string, Sent>>;
    /** As it was read for the last backup. */
    scope: BackupScope | undefined;
    /** Volumes without a name of their own that are on record. */
    readonly anonymous: Set<string>;
  };
};

export function makeInstance(
  options: DockerDriverOptions,
  engine: Engine,
  context: InstanceContext,
  earlier: readonly Instance[] = [],
): Instance {
  return {
    options,
    engine,
    context,
    settings: readDockerSettings(context.settings),
    earlier,
    closing: new AbortController(),
    state: {
      deployed: undefined,
      ports: {},
      locks: [],
      leased: new Set(),
      secrets: {},
      address: options.address ?? '127.0.0.1',
      way: undefined,
      relay: undefined,
      throughProxy: false,
      rewritten: new Set(),
      standIn: undefined,
      missingNetworks: new Set(),
      logsUntil: new Map(),
      busy: Promise.resolve(),
      sent: {},
      scope: undefined,
      anonymous: new Set(),
    },
  };
}

/** What everything of this instance carries. */
export const marksOf = ({
  run,
  app,
  instance,
}: Pick<InstanceContext, 'run' | 'app' | 'instance'>): Readonly<Record<string, string>> => ({
  [labels.run]: run,
  [labels.app]: app,
  [labels.instance]: instance,
});

export function deployedOf({ state }: Instance): Deployed {
  if (state.deployed === undefined) throw new WorldError('app-failed', 'nothing is deployed yet');
  return state.deployed;
}

/** Asks until it holds. Throws `timeout` with `what` was waited for, or `cancelled`. */
export async function waitUntil(
  { clock }: Pick<DockerDriverOptions, 'clock'>,
  { timeoutMs, signal, what }: { timeoutMs: number; signal?: AbortSignal; what: string },
  holds: () => Promise<boolean>,
): Promise<void> {
  const deadline = clock.monotonicMs() + timeoutMs;
  for (let pauseMs = 20; !(await holds()); pauseMs = Math.min(pauseMs * 1.5, 200)) {
    if (signal !== undefined) assertNotCancelled(signal);
    if (clock.monotonicMs() > deadline)
      throw new WorldError('timeout', `${what} took longer than ${String(timeoutMs)} ms`);
    await clock.sleep(pauseMs);
  }
}
