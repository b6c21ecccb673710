// Volumes that an image asks for. They have no name of their own and take no label, so what is seen in
// the containers is recorded, for whoever removes the run.

import type { Orchestrator } from './orchestrator.ts';
import { listContainers } from './containers.ts';
import type { MountPoint } from './facts.ts';
import type { Instance } from './instance.ts';
import { undoOf } from './shape.ts';

/** The engine names it by 32 random bytes. */
export const isAnonymous = ({ Type: type, Name: name = '' }: MountPoint): boolean =>
  type === 'volume' && /^[0-9a-f]{64}$/.test(name);

/** Of containers that are there now, also ended ones. Each is recorded once. */
export async function recordAnonymous(
  { engine, context, state }: Instance,
  orchestrator: Orchestrator,
): Promise<void> {
  if (state.deployed === undefined) return;
  const found = await listContainers(engine, orchestrator.filter(state.deployed.stack.name));
  const names = found.flatMap(({ Mounts: mounts }) =>
    mounts.filter(isAnonymous).map(({ Name: name = '' }) => name),
  );
  const fresh = [...new Set(names)].filter((name) => !state.anonymous.has(name));
  if (fresh.length === 0) return;
  for (const name of fresh) state.anonymous.add(name);
  const undo = { ...undoOf(context), anonymous: true };
  await context.resources.intended(fresh.map((name) => ({ kind: 'volume' as const, name, undo })));
}
