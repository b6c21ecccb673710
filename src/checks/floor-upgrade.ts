// Floor checks that only an upgrade or a rebuild can answer.

import type { JsonObject } from '../ports/json.ts';
import { failed, inconclusive, notRun, passed, type Answer } from './answer.ts';
import { differences } from './difference.ts';
import type { OperationFacts } from './facts.ts';

const specs = (services: NonNullable<OperationFacts['before']>['services']): JsonObject =>
  Object.fromEntries(Object.entries(services).map(([name, { spec }]) => [name, spec]));

/** `floor.upgrade.base-differs`: what ran before the upgrade was not already head. */
export function judgeBaseDiffers({ before, rendering }: OperationFacts): Answer {
  if (before === undefined || rendering === undefined) return notRun('nothing was observed');
  const paths = differences({ ...rendering.services }, specs(before.services));
  const evidence = { before: specs(before.services), head: { ...rendering.services } };
  return paths.length > 0
    ? passed(
        'driver',
        `what ran before differs from head at ${paths.slice(0, 3).join(', ')}`,
        evidence,
      )
    : failed(
        'driver',
        'what ran before the upgrade was already head: nothing was upgraded',
        evidence,
      );
}

/** `floor.upgrade.applied`: head was accepted and really replaced what ran; nothing rolled back. */
export function judgeApplied({ before, after, convergence }: OperationFacts): Answer {
  if (convergence?.state === 'rolled-back')
    return failed('driver', `rolled-back: ${convergence.message}`, {
      convergence: { ...convergence },
    });
  if (before === undefined || after === undefined) return notRun('nothing was observed');
  const kept = unitIds(after).filter((id) => unitIds(before).includes(id));
  const evidence = { before: unitIds(before), after: unitIds(after), kept };
  if (unitIds(after).length === 0)
    return failed('driver', 'nothing runs after the upgrade', evidence);
  return kept.length === 0
    ? passed('driver', 'every unit was replaced', evidence)
    : failed('driver', `still running from before the upgrade: ${kept.join(', ')}`, evidence);
}

const unitIds = ({ services }: NonNullable<OperationFacts['after']>): string[] =>
  Object.values(services)
    .flatMap(({ units }) => units)
    .filter(({ running }) => running)
    .map(({ id }) => id)
    .sort();

/** `floor.upgrade.no-orphans`: the instance's services are exactly head's. */
export function judgeNoOrphans({ after, rendering }: OperationFacts): Answer {
  if (after === undefined || rendering === undefined) return notRun('nothing was observed');
  const [wanted, seen] = [
    Object.keys(rendering.services).sort(),
    Object.keys(after.services).sort(),
  ];
  const extra = seen.filter((name) => !wanted.includes(name));
  const missing = wanted.filter((name) => !seen.includes(name));
  const evidence = { wanted, seen };
  if (extra.length > 0)
    return failed('driver', `head does not have: ${extra.join(', ')}`, evidence);
  if (missing.length > 0) return failed('driver', `missing: ${missing.join(', ')}`, evidence);
  return passed('driver', `exactly head's services: ${wanted.join(', ')}`, evidence);
}

/** `floor.{upgrade,rebuild}.data-kept`: markers put into each volume before are still there, unchanged. */
export function judgeDataKept({ markers }: OperationFacts): Answer {
  if (markers === undefined) return notRun('no marker was written');
  const volumes = Object.keys(markers.written);
  if (volumes.length === 0) return inconclusive('state', 'no volume could carry a marker');
  const evidence = { written: markers.written, read: present(markers.read) };
  const lost = volumes.filter((volume) => markers.read[volume] !== markers.written[volume]);
  return lost.length === 0
    ? passed('state', `the marker in ${volumes.join(', ')} is unchanged`, evidence)
    : failed(
        'state',
        lost.map((volume) => lossOf(volume, markers.read[volume])).join('; '),
        evidence,
      );
}

const lossOf = (volume: string, now: string | undefined): string =>
  now === undefined
    ? `the marker in volume ${volume} is gone: its content was replaced or deleted`
    : `the marker in volume ${volume} has another value`;

export const present = (values: Readonly<Record<string, string | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? null]));

/** `floor.rebuild.fresh`: no unit of before is still running. */
export const judgeFresh = (facts: OperationFacts): Answer => judgeApplied(facts);
