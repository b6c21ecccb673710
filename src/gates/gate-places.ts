// Where the checks of one gate are asked: most share the gate's target, and one that sets variables,
// puts files or replaces programs gets an instance of its own.

import type { GateCheck } from './check-schema.ts';
import type { GateSession } from './gate-session.ts';
import type { PlannedGate } from './gate-plan.ts';
import type { TargetSettings } from './gate-schema.ts';
import {
  preparePlace,
  startTarget,
  type InstanceOptions,
  type Place,
  type Planting,
  type TargetInstance,
} from './target-instance.ts';

export type AskPlace = Place & { readonly url: string | undefined };

export type Places = {
  /** Prepares, and starts the target, once. Throws the WorldError of a target that does not come up. */
  readonly of: (check: GateCheck, signal: AbortSignal) => Promise<AskPlace>;
  /** Ends everything; names what is left. */
  readonly close: () => Promise<readonly string[]>;
};

type Opened = { readonly place: AskPlace; readonly target: TargetInstance | undefined };

export function openPlaces(
  session: GateSession,
  { name, gate }: PlannedGate,
  random: Readonly<Record<string, string>>,
): Places {
  const { options } = session;
  const opened = new Map<string, Promise<Opened>>();
  const left: string[] = [];
  const canary = options.canary?.gate === name ? [options.canary.planting] : [];

  const openNow = async (
    key: string,
    plantings: readonly Planting[],
    signal: AbortSignal,
  ): Promise<Opened> => {
    const instance = {
      ...instanceOptions(session, `${name}${key}`, { random, plantings }),
      repository: gate.repository,
    };
    const settings = targetOf(gate.target, options.file.target);
    const place = await preparePlace(instance, settings?.faults.variable);
    if (options.target !== undefined)
      return { place: { ...place, ...liveValues(place, options.target) }, target: undefined };
    if (settings === undefined) return { place: { ...place, url: undefined }, target: undefined };
    const allowFaults = options.canary !== undefined;
    const target = await startTarget(settings, place, { ...instance, signal, allowFaults });
    return { place: { ...place, values: target.values, url: target.url }, target };
  };

  return {
    of: async (check, signal) => {
      const isOwn = [check.env, check.put, check.stub].some((each) => each !== undefined);
      const key = isOwn ? `-${check.id.split('.').slice(1).join('-')}` : '';
      const plantings = [gate, ...(isOwn ? [check] : []), ...canary];
      const known = opened.get(key) ?? openNow(key, plantings, signal);
      opened.set(key, known);
      return (await known).place;
    },
    close: async () => {
      for (const each of opened.values()) {
        // One that did not come up was ended at once and told as the answer of its checks.
        const target = await each.then(
          (known) => known.target,
          () => undefined,
        );
        left.push(...((await target?.stop()) ?? []));
      }
      return left;
    },
  };
}

const targetOf = (
  own: PlannedGate['gate']['target'],
  shared: TargetSettings | undefined,
): TargetSettings | undefined => (own === 'none' ? undefined : (own ?? shared));

const liveValues = (place: Place, target: string) => ({
  url: target.replace(/\/$/u, ''),
  values: { ...place.values, url: target.replace(/\/$/u, '') },
});

function instanceOptions(
  { world, options, run, work, bundle }: GateSession,
  name: string,
  {
    random,
    plantings,
  }: { readonly random: Readonly<Record<string, string>>; readonly plantings: readonly Planting[] },
): InstanceOptions {
  return {
    ...{ world, run, work, name, here: options.here, profile: options.profile },
    append: bundle.append,
    values: { ...random, run, commit: options.head?.commit ?? '' },
    planting: plantings,
    bootId: options.bootId,
  };
}
