// Floor checks of the removal: what the run made is gone, and went without force.

import type { Boundary } from '../evidence/record.ts';
import type { JsonObject } from '../ports/json.ts';
import { errored, failed, notRun, passed, type Answer } from './answer.ts';
import type { OperationFacts } from './facts.ts';

const running = new Set(['process', 'port', 'service', 'container', 'network']);

type Removal = NonNullable<OperationFacts['removal']>;
const evidenceOf = ({ removed, leftovers = [] }: Removal): JsonObject => ({
  removed: removed.map((each) => ({ ...each })),
  leftovers: leftovers.map((each) => ({ ...each })),
});

/** `floor.remove.gone`: nothing that runs or listens is left, and nothing outlived its stop. */
export function judgeGone({ removal }: OperationFacts): Answer {
  return judge(removal, 'driver', (kind) => running.has(kind));
}

/** `floor.remove.no-leftovers`: nor folders, mounts, volumes, secrets, leases. */
export function judgeNoLeftovers({ removal }: OperationFacts): Answer {
  return judge(removal, 'state', (kind) => !running.has(kind));
}

/** `floor.remove.images-kept`: other apps may need them, and a rollback does. */
export function judgeImagesKept({ removal }: OperationFacts): Answer {
  if (removal?.images === undefined) return notRun('nobody could look at the images');
  const { used, gone } = removal.images;
  const evidence = { images: { used: [...used], gone: [...gone] } };
  if (used.length === 0) return notRun('the run was never seen to run an image');
  return gone.length === 0
    ? passed('driver', `all ${String(used.length)} images are still here`, evidence)
    : failed('driver', `the removal took ${gone.join(', ')} with it`, evidence);
}

function judge(
  removal: Removal | undefined,
  boundary: Boundary,
  concerns: (kind: string) => boolean,
): Answer {
  if (removal === undefined) return notRun('the removal did not take place');
  const evidence = { removal: evidenceOf(removal) };
  const broken = removal.removed.filter(
    ({ kind, outcome }) => concerns(kind) && outcome === 'failed',
  );
  if (broken.length > 0)
    return errored(
      boundary,
      broken
        .map(({ kind, name, message }) => `${kind} ${name}: ${message ?? 'not removed'}`)
        .join('; '),
      evidence,
    );
  if (removal.leftovers === undefined)
    return notRun('the removal took place, but nobody could look at what it left');
  const left = removal.leftovers.filter(({ kind }) => concerns(kind));
  const forced = removal.removed.filter(
    ({ kind, outcome }) => concerns(kind) && outcome === 'forced',
  );
  const told = [
    ...left.map(({ kind, name, details }) => `${kind} ${name} was left (${details})`),
    ...forced.map(
      ({ kind, name, message }) => `${kind} ${name} went only by force (${message ?? ''})`,
    ),
  ];
  return told.length === 0
    ? passed(boundary, 'nothing is left', evidence)
    : failed(boundary, told.join('; '), evidence);
}
