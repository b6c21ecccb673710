// Containers of a deployment: which there are, and what the engine says of one.

import { WorldError } from '../../ports/world-error.ts';
import { type Engine, query } from './engine.ts';
import type { ContainerInspect, ContainerSummary } from './facts.ts';

/** The engine's own time to end a container that did not end by itself. */
const killedMs = 30_000;

/** Also those that ended, newest first. */
export async function listContainers(
  engine: Engine,
  labels: readonly string[],
): Promise<readonly ContainerSummary[]> {
  const path = `/containers/json${query({ all: true, filters: { label: labels } })}`;
  return (await engine.call({ path })).value as unknown as readonly ContainerSummary[];
}

/** Undefined when it is gone, or never came to be: the task of one that could not be made has an empty id. */
export async function inspectContainer(
  engine: Engine,
  id: string,
): Promise<ContainerInspect | undefined> {
  if (id === '') return undefined;
  const { status, value } = await engine.call({ path: `/containers/${id}/json`, allow: [404] });
  return status === 404 ? undefined : (value as unknown as ContainerInspect);
}

/** Politely, all that run at once: each may take `graceMs` until it is killed. */
export async function stopContainers(
  engine: Engine,
  labels: readonly string[],
  graceMs: number,
): Promise<void> {
  const all = await listContainers(engine, labels);
  const t = Math.ceil(graceMs / 1000);
  await Promise.all(
    all
      .filter(({ State: is }) => is === 'running')
      .map(({ Id: id }) =>
        engine.call({
          method: 'POST',
          path: `/containers/${id}/stop${query({ t })}`,
          timeoutMs: graceMs + killedMs,
          allow: [304, 404],
        }),
      ),
  );
}

/**
 * Swarm lets a task run for two more seconds, until its peers balance no load to it; of what is removed as a whole
 * nobody asks anything. Whatever fails here Swarm does by itself.
 */
export async function stopSoon(
  engine: Engine,
  labels: readonly string[],
  graceMs: number,
): Promise<void> {
  await stopContainers(engine, labels, graceMs).catch((error: unknown) => {
    if (!(error instanceof WorldError)) throw error;
  });
}

/** With its anonymous volumes. Absent is success; one whose removal is under way is somebody's success. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  const path = `/containers/${id}${query({ v: true, force: true })}`;
  await engine.call({ method: 'DELETE', path, allow: [404, 409] });
}

export const notRunning = (service: string): WorldError =>
  new WorldError('app-failed', `no container of service ${service} is running`);
