// Containers of a deployment: which there are, and what the engine says of one.

import { WorldError } from '../../ports/world-error.ts';
import { type Engine, query } from './engine.ts';
import type { ContainerInspect, ContainerSummary } from './facts.ts';

/** Also those that ended, newest first. */
export async function listContainers(
  engine: Engine,
  labels: readonly string[],
): Promise<readonly ContainerSummary[]> {
  const path = `/containers/json${query({ all: true, filters: { label: labels } })}`;
  return (await engine.call({ path })).value as unknown as readonly ContainerSummary[];
}

/** Undefined when it is gone. */
export async function inspectContainer(
  engine: Engine,
  id: string,
): Promise<ContainerInspect | undefined> {
  const { status, value } = await engine.call({ path: `/containers/${id}/json`, allow: [404] });
  return status === 404 ? undefined : (value as unknown as ContainerInspect);
}

/** With its anonymous volumes. Absent is success; one whose removal is under way is somebody's success. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  const path = `/containers/${id}${query({ v: true, force: true })}`;
  await engine.call({ method: 'DELETE', path, allow: [404, 409] });
}

export const notRunning = (service: string): WorldError =>
  new WorldError('app-failed', `no container of service ${service} is running`);
