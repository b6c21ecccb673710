// The releases that a person named, on the command line or in the manifest.

import type { Release } from '../ports/release.ts';
import { WorldError } from '../ports/world-error.ts';
import type { Refusal } from '../scenario/choose-base.ts';
import { nearVersions } from '../scenario/near-versions.ts';
import type { PlanRequest } from './plan-request.ts';
import type { World } from './world.ts';

export type Named = {
  readonly head?: { readonly release: Release; readonly reason: string };
  readonly base?: Release;
};

type Refused = { readonly refusal: Refusal };

export async function findNamed(
  world: World,
  { head, base, manifest, fromBase, signal }: PlanRequest & { readonly fromBase: boolean },
): Promise<Named | Refused> {
  const heads = await first(world, signal, [
    { from: '--head', name: head },
    { from: 'source.head', name: manifest.source.head },
  ]);
  if ('refusal' in heads) return heads;
  const bases = await first(world, signal, [
    { from: '--base', name: fromBase ? base : undefined },
    { from: 'base.release', name: fromBase ? manifest.base.release : undefined },
  ]);
  if ('refusal' in bases) return bases;
  const reason = heads.from === '--head' ? 'asked with --head' : 'source.head of the manifest';
  return {
    ...(heads.release === undefined ? {} : { head: { release: heads.release, reason } }),
    ...(bases.release === undefined ? {} : { base: bases.release }),
  };
}

type Place = { readonly from: Refusal['from']; readonly name: string | undefined };
type Found = { readonly from?: Refusal['from']; readonly release?: Release };

/** The release at the first place that names one. */
async function first(
  world: World,
  signal: AbortSignal | undefined,
  places: readonly Place[],
): Promise<Found | Refused> {
  const named = places.find(({ name }) => name !== undefined);
  if (named?.name === undefined) return {};
  const { from, name } = named;
  try {
    return { from, release: await world.releases.resolve(name, signal) };
  } catch (error) {
    if (error instanceof WorldError && isWrongName(error))
      return refuse(world, { from, name, error, signal });
    throw error;
  }
}

const isWrongName = ({ code }: WorldError): boolean => code === 'not-found' || code === 'refused';

/**
 * A name that means nothing is its author's mistake, as long as the origin says what there is: a
 * repository or registry that is not there fails in the same way.
 */
async function refuse(
  { releases }: World,
  trouble: {
    readonly from: Refusal['from'];
    readonly name: string;
    readonly error: WorldError;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Refused> {
  const { from, name, error, signal } = trouble;
  const published = await releases.published(signal).catch(() => {
    throw error;
  });
  const near = nearVersions(name, published);
  const known = near.length === 0 ? '' : `published: ${near.join(', ')}; `;
  const message = `${from}: ${JSON.stringify(name)} is no release: ${error.message}`;
  return { refusal: { from, message, hint: `${known}${forms}` } };
}

const forms = 'or write npm:<package>@<version>, git:<ref>, dir:<path>, tar:<path>';
