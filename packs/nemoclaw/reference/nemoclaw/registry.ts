// Which sandboxes there are, as the host remembers them. What a sandbox really is, only a probe says.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../shared/failure.ts';
import { writeJson } from '../shared/write-beside.ts';

export type CustomPolicy = {
  readonly name: string;
  readonly content: string;
  readonly sourcePath: string;
  readonly appliedAt: string;
};

export type Messaging = {
  readonly schemaVersion: 1;
  readonly plan: readonly {
    readonly channel: string;
    /** What the agent holds instead of the token. */
    readonly placeholder: string;
    readonly hash: string;
  }[];
};

export type Entry = {
  readonly name: string;
  readonly createdAt: string;
  readonly agent: string;
  readonly agentVersion: string;
  readonly imageTag: string;
  readonly model: string;
  readonly provider: string;
  readonly policies: readonly string[];
  readonly customPolicies: readonly CustomPolicy[];
  readonly policyTier: string;
  readonly messaging: Messaging;
  readonly providerCredentialHashes: Readonly<Record<string, string>>;
  readonly dashboardPort: number;
};

export type Registry = {
  readonly sandboxes: Readonly<Record<string, Entry>>;
  readonly defaultSandbox: string | null;
};

export function nemoclawFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['HOME'] ?? homedir(), '.nemoclaw');
}

const registryFile = (): string => join(nemoclawFolder(), 'sandboxes.json');

export function readRegistry(): Registry {
  const path = registryFile();
  if (!existsSync(path)) return { sandboxes: {}, defaultSandbox: null };
  return JSON.parse(readFileSync(path, 'utf8')) as Registry;
}

/** Throws exit 3 when there is none. */
export function entryNamed(name: string): Entry {
  const { sandboxes } = readRegistry();
  const entry = Object.hasOwn(sandboxes, name) ? sandboxes[name] : undefined;
  if (entry === undefined) throw new Failure(3, `there is no sandbox ${name}`);
  return entry;
}

export function putEntry(entry: Entry): Promise<void> {
  return editRegistry(({ sandboxes, defaultSandbox }) => ({
    sandboxes: { ...sandboxes, [entry.name]: entry },
    defaultSandbox: defaultSandbox ?? entry.name,
  }));
}

export function removeEntry(name: string): Promise<void> {
  return editRegistry(({ sandboxes, defaultSandbox }) => ({
    sandboxes: Object.fromEntries(Object.entries(sandboxes).filter(([each]) => each !== name)),
    defaultSandbox: defaultSandbox === name ? null : defaultSandbox,
  }));
}

/** Under the lock, so that two commands at once lose nothing of each other. */
export async function editRegistry(edit: (registry: Registry) => Registry): Promise<void> {
  mkdirSync(nemoclawFolder(), { recursive: true, mode: 0o700 });
  const lock = `${registryFile()}.lock`;
  await takeLock(lock);
  try {
    writeJson(registryFile(), edit(readRegistry()));
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

const lockWithinMs = 10_000;

async function takeLock(lock: string): Promise<void> {
  const until = Date.now() + lockWithinMs;
  for (;;) {
    try {
      mkdirSync(lock);
      const owner = { pid: process.pid, startedAt: startTime(process.pid) };
      writeFileSync(join(lock, 'owner.json'), JSON.stringify(owner));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (isStale(lock)) rmSync(lock, { recursive: true, force: true });
    else if (Date.now() > until) throw new Failure(1, 'the registry is locked by another command');
    else await sleep(50);
  }
}

/** The owner is gone, or its number was given to another process since. */
function isStale(lock: string): boolean {
  try {
    const text = readFileSync(join(lock, 'owner.json'), 'utf8');
    const { pid, startedAt } = JSON.parse(text) as { pid: number; startedAt: string };
    return startTime(pid) !== startedAt;
  } catch {
    return false;
  }
}

/** In clock ticks since boot, as the kernel tells it; empty for a process that is not there. */
function startTime(pid: number): string {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
