// Head as asked, and the best older release whose content differs from it.

import { WorldError } from '../ports/world-error.ts';
import type { PreparedRelease, Release } from '../ports/release.ts';
import {
  candidateOrder,
  settleBase,
  type BaseDecision,
  type BaseOrder,
  type BaseRefusal,
} from '../scenario/choose-base.ts';
import { parseVersion } from '../scenario/version-order.ts';
import type { GreenRun } from './last-green.ts';
import type { PlanRequest } from './plan-request.ts';
import type { World } from './world.ts';

export type ChosenReleases = {
  readonly head: PreparedRelease;
  readonly headReason: string;
  readonly base?: PreparedRelease;
  readonly decision: Extract<BaseDecision, { kind: 'decided' }>;
};

/** Candidates that are prepared before giving up: each may cost an installation. */
const triedMax = 5;

export async function chooseReleases(
  world: World,
  request: PlanRequest & { readonly fromBase: boolean },
  green: GreenRun | undefined,
): Promise<ChosenReleases | { readonly refusal: BaseRefusal }> {
  const { release, reason: headReason } = await resolveHead(world, request);
  const head = await world.releases.prepare(release, progressOf(request));
  const order = request.fromBase
    ? await orderFor(world, request, { head: release, green })
    : ({ kind: 'skipped', skipped: 'this scenario starts on an empty host' } as const);
  const prepared = new Map<string, PreparedRelease>();
  const decision = await settle(order, head.digest, async (candidate) => {
    if (prepared.size >= triedMax)
      throw new WorldError(
        'limit',
        `the newest ${String(triedMax)} releases equal head by content`,
      );
    const made = await world.releases.prepare(candidate, progressOf(request));
    prepared.set(candidate.ref, made);
    return made.digest;
  });
  if (decision.kind === 'refused') return { refusal: decision.refusal };
  const base = decision.base === undefined ? undefined : prepared.get(decision.base.ref);
  return { head, headReason, ...(base === undefined ? {} : { base }), decision };
}

async function settle(
  order: BaseOrder,
  headDigest: string,
  digest: (release: Release) => Promise<string>,
): Promise<Exclude<BaseDecision, { kind: 'need' }>> {
  const digests = new Map<string, string>();
  for (;;) {
    const decision = settleBase(order, digests, headDigest);
    if (decision.kind !== 'need') return decision;
    digests.set(decision.release.ref, await digest(decision.release));
  }
}

const progressOf = ({ signal, onProgress }: PlanRequest) => ({
  ...(signal === undefined ? {} : { signal }),
  ...(onProgress === undefined ? {} : { onProgress }),
});

async function resolveHead(
  { releases }: World,
  { head, manifest, signal }: PlanRequest,
): Promise<{ readonly release: Release; readonly reason: string }> {
  const asked = head ?? manifest.source.head;
  if (asked !== undefined) {
    const reason = head === undefined ? 'source.head of the manifest' : 'asked with --head';
    return { release: await releases.resolve(asked, signal), reason };
  }
  if (manifest.source.git !== undefined) {
    const release = await releases.resolve('git:HEAD', signal);
    return { release, reason: 'the tip of the default branch, as no --head was given' };
  }
  const published = await releases.published(signal);
  const stable = published.findLast(
    ({ version }) => parseVersion(version ?? '')?.preRelease === false,
  );
  const newest = stable ?? published.at(-1);
  if (newest === undefined)
    throw new WorldError('not-found', 'nothing is published, so there is no head', {
      hint: 'name the code under test with --head',
    });
  return { release: newest, reason: 'the newest published release, as no --head was given' };
}

async function orderFor(
  world: World,
  { base, manifest, lastGreen, signal }: PlanRequest,
  { head, green }: { readonly head: Release; readonly green: GreenRun | undefined },
): Promise<BaseOrder> {
  const { releases } = world;
  const named = base ?? manifest.base.release;
  const declined = named === undefined && manifest.base.skip !== undefined;
  const published = declined ? [] : await releases.published(signal);
  const ancestors = await ancestorsOf(world, head, published);
  return candidateOrder({
    ...{ head, published, declared: manifest.base, ancestors },
    ...(base === undefined ? {} : { explicit: base }),
    ...(named === undefined ? {} : { explicitRelease: await releases.resolve(named, signal) }),
    ...(lastGreen && green !== undefined ? { lastGreen: green.head } : {}),
  });
}

/** Asked only where versions do not decide: heads without one, and commits that did not bump theirs. */
async function ancestorsOf(
  { releases }: World,
  head: Release,
  published: readonly Release[],
): Promise<ReadonlyMap<string, boolean>> {
  const ancestors = new Map<string, boolean>();
  if (head.version !== undefined && head.origin !== 'git') return ancestors;
  for (const release of published) {
    const answer = await releases.isAncestor(release, head);
    if (answer !== undefined) ancestors.set(release.ref, answer);
  }
  return ancestors;
}
