// What one running gateway holds: its state, the sockets of its sandboxes, and who said hello.

import { join } from 'node:path';
import { docker } from '../shared/docker.ts';
import { mutant } from '../shared/mutant.ts';
import { mountFolder, type Folders } from './folders.ts';
import type { Sandbox } from './model.ts';
import { serveSandbox, type Hello, type SandboxServer } from './sandbox-server.ts';
import type { Store } from './store.ts';

export type Gateway = {
  readonly folders: Folders;
  readonly store: Store;
  readonly startedAt: string;
  readonly hellos: Map<string, Hello>;
  readonly servers: Map<string, SandboxServer>;
  /** Credentials that were handed over since the start; others come from the environment. */
  readonly values: Map<string, string>;
  readonly hosts: ReadonlyMap<string, string>;
};

/** The part of a container's name that also names its folder. */
export const suffixOf = (containerName: string): string => containerName.slice(-8);

/** Only what a provider names is ever given to a request. */
export function resolveCredential(gateway: Gateway, name: string): string | undefined {
  const isNamed = gateway.store.model().providers.some(({ credential }) => credential === name);
  return isNamed ? (gateway.values.get(name) ?? process.env[name]) : undefined;
}

export async function listenFor(
  gateway: Gateway,
  container: string,
  suffix: string,
): Promise<void> {
  const { folders, store, hosts } = gateway;
  const server = await serveSandbox(mountFolder(folders, suffix), {
    model: store.model,
    sandbox: () => store.model().sandboxes.find((each) => each.container === container),
    resolve: (name) => resolveCredential(gateway, name),
    hosts,
    hello: (hello) => gateway.hellos.set(container, hello),
    log: join(folders.state, 'gateway.log'),
  });
  gateway.servers.set(container, server);
}

/**
 * After a start: the sandboxes that the state names are listened to again, and go on as they are.
 * Their helpers say hello every second, and so find the new gateway by themselves.
 */
export async function adoptSandboxes(gateway: Gateway): Promise<void> {
  if (mutant('gwup.orphan-survivor')) return;
  for (const { container } of gateway.store.model().sandboxes) {
    const { code, stdout } = await docker(['inspect', '--format', '{{.Name}}', container]);
    if (code !== 0) continue;
    await listenFor(gateway, container, suffixOf(stdout.trim()));
    if (mutant('gwup.restart-survivor')) await docker(['restart', '-t', '1', container]);
    if (mutant('gwup.wipe-home'))
      await docker(['exec', container, 'sh', '-c', 'rm -rf /sandbox/* /sandbox/.[!.]*']);
  }
}

export type SandboxStatus = 'creating' | 'ready' | 'stopped' | 'failed' | 'orphaned';

/** A helper that has not said hello for so long is gone. */
const helloAgeMaxMs = 5_000;

export const readyWithinMs = 20_000;

export async function statusOf(gateway: Gateway, sandbox: Sandbox): Promise<SandboxStatus> {
  const format = '{{.State.Running}}';
  const { code, stdout } = await docker(['inspect', '--format', format, sandbox.container]);
  if (code !== 0) return 'failed';
  if (stdout.trim() !== 'true') return 'stopped';
  const hello = gateway.hellos.get(sandbox.container);
  if (hello !== undefined && Date.now() - hello.at < helloAgeMaxMs) return 'ready';
  const since = Math.max(Date.parse(sandbox.createdAt), Date.parse(gateway.startedAt));
  return Date.now() - since < readyWithinMs ? 'creating' : 'failed';
}
