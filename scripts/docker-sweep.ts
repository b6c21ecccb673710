// Takes away what dead runs left on the engine of this project: a machine that went down in the
// middle of a run finds the services of that run again when its engine starts, and the next run of
// the same app would meet them. By label alone: whatever carries no run is somebody else's.

import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './docker-engine.ts';

type Found = {
  readonly Id?: string;
  readonly ID?: string;
  readonly Name?: string;
};

/** In the order in which they let go of each other. The engine names each kind's identifier otherwise. */
const kinds = ['services', 'containers', 'networks', 'volumes', 'secrets', 'configs'] as const;
type Kind = (typeof kinds)[number];

const limitMs = 60_000;
const ours = encodeURIComponent(JSON.stringify({ label: ['seatrial.run'] }));

/** How many things it removed. Throws when something is still there after a minute. */
export async function sweepEngine(socket: string): Promise<number> {
  const deadline = performance.now() + limitMs;
  const seen = new Set<string>();
  for (;;) {
    // Tasks end a while after their service, and hold networks and volumes until then.
    const left = await sweepOnce(socket);
    for (const each of left) seen.add(each);
    if (left.length === 0) return seen.size;
    if (performance.now() > deadline) throw new Error(`still there: ${left.join(', ')}`);
    await sleep(200);
  }
}

async function sweepOnce(socket: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const kind of kinds)
    for (const id of await list(socket, kind)) {
      found.push(`${kind}/${id}`);
      await ask(socket, 'DELETE', `/${kind}/${encodeURIComponent(id)}?force=1`);
    }
  return found;
}

async function list(socket: string, kind: Kind): Promise<readonly string[]> {
  const path = kind === 'containers' ? 'containers/json?all=1&' : `${kind}?`;
  const { status, body } = await ask(socket, 'GET', `/${path}filters=${ours}`);
  // Services, secrets and configs are a Swarm's, and this one is none.
  if (status === 503) return [];
  if (status !== 200) throw new Error(`the engine does not list its ${kind}: ${body.trim()}`);
  const answer = JSON.parse(body) as readonly Found[] | { readonly Volumes: readonly Found[] };
  const things = 'Volumes' in answer ? answer.Volumes : answer;
  return things.flatMap(({ Id, ID, Name }) => Id ?? ID ?? Name ?? []);
}
