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
export const judgeApplied = (facts: OperationFacts): Answer =>
  judgeReplaced(facts, servicesAsRendered(facts));

function judgeReplaced(
  { before, after, convergence }: OperationFacts,
  right: readonly string[],
): Answer {
  if (convergence?.state === 'rolled-back')
    return failed('driver', `rolled-back: ${convergence.message}`, {
      convergence: { ...convergence },
    });
  if (before === undefined || after === undefined) return notRun('nothing was observed');
  const stayed = (names: readonly string[]): readonly string[] =>
    unitIds(after, names).filter((id) => unitIds(before).includes(id));
  const kept = stayed(Object.keys(after.services).filter((name) => !right.includes(name)));
  const unchanged = right.filter((name) => stayed([name]).length > 0);
  const evidence = { before: unitIds(before), after: unitIds(after), kept, unchanged };
  if (unitIds(after).length === 0)
    return failed('driver', 'nothing runs after the upgrade', evidence);
  const also =
    unchanged.length === 0 ? '' : `, save of what head leaves as it was: ${unchanged.join(', ')}`;
  return kept.length === 0
    ? passed('driver', `every unit was replaced${also}`, evidence)
    : failed('driver', `still running from before the upgrade: ${kept.join(', ')}`, evidence);
}

type Seen = NonNullable<OperationFacts['after']>;

/** Services whose units themselves were seen to be head's: nobody has to replace what need not change. */
const servicesAsRendered = ({ after, rendering }: OperationFacts): readonly string[] =>
  Object.entries(after?.services ?? {})
    .filter(([name, { spec, readFromUnits }]) => {
      const wanted = rendering?.services[name];
      return (
        readFromUnits === true && wanted !== undefined && differences(wanted, spec).length === 0
      );
    })
    .map(([name]) => name)
    .sort();

const unitIds = ({ services }: Seen, names: readonly string[] = Object.keys(services)): string[] =>
  Object.entries(services)
    .filter(([name]) => names.includes(name))
    .flatMap(([, { units }]) => units)
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
export const judgeFresh = (facts: OperationFacts): Answer => judgeReplaced(facts, []);
