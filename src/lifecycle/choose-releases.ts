// Head as asked, and the best older release whose content differs from it.

import { WorldError } from '../ports/world-error.ts';
import type { PreparedRelease, Release } from '../ports/release.ts';
import {
  candidateOrder,
  settleBase,
  type BaseDecision,
  type BaseNote,
  type BaseOrder,
  type Refusal,
} from '../scenario/choose-base.ts';
import { startsOurNode, supportsNode } from '../scenario/engines.ts';
import { parseVersion } from '../scenario/version-order.ts';
import { findNamed } from './find-named.ts';
import type { GreenRun } from './last-green.ts';
import type { PlanRequest } from './plan-request.ts';
import { lookAt, type RecipeViews } from './recipe-views.ts';
import type { World } from './world.ts';

export type ChosenReleases = {
  readonly head: PreparedRelease;
  readonly headReason: string;
  readonly base?: PreparedRelease;
  readonly decision: Extract<BaseDecision, { kind: 'decided' }>;
  /** As the origin lists them now; none where nobody asked. */
  readonly published: readonly Release[];
  /** Where the driver deploys recipes. */
  readonly views?: RecipeViews;
};

/** Candidates that are prepared before giving up: each may cost an installation. */
const triedMax = 5;

export async function chooseReleases(
  world: World,
  request: PlanRequest & { readonly fromBase: boolean },
  green: GreenRun | undefined,
): Promise<ChosenReleases | { readonly refusal: Refusal }> {
  const named = await findNamed(world, request);
  if ('refusal' in named) return named;
  const { release, reason: headReason } = named.head ?? (await unnamedHead(world, request));
  const ahead = prepareAhead(world, request, named.base);
  const asked = await world.releases.prepare(release, progressOf(request));
  judgeEngines(world, request, asked);
  const seen = await lookAt(world, request, asked, { stage: 'head' });
  const head = withVersion(asked, seen?.version);
  const { published, notes } = await listReleases(world, request);
  const order = request.fromBase
    ? await orderFor(world, request, { ...named, head: head.release, green, published })
    : ({ kind: 'skipped', skipped: 'this scenario starts on an empty host' } as const);
  const prepared = new Map<string, PreparedRelease>();
  const decision = await settle(order, seen?.digest ?? head.digest, async (candidate) => {
    if (prepared.size >= triedMax)
      throw new WorldError(
        'limit',
        `the newest ${String(triedMax)} releases equal head by content`,
      );
    const made = await (ahead?.ref === candidate.ref
      ? ahead.prepared
      : world.releases.prepare(candidate, progressOf(request)));
    prepared.set(candidate.ref, made);
    const view = await lookAt(world, request, made, { stage: 'base' });
    return view?.digest ?? made.digest;
  });
  if (decision.kind === 'refused') return { refusal: decision.refusal };
  const base = decision.base === undefined ? undefined : prepared.get(decision.base.ref);
  const noted = {
    ...decision,
    notes: [...decision.notes, ...notes, ...baseEngines(world, request, base)],
  };
  const chosen = { head, published, ...(base === undefined ? {} : { base }) };
  return { ...chosen, headReason, decision: noted, ...(await viewsOf(world, request, chosen)) };
}

/** A commit has the version that its recipe says it has, so that older releases can be told. */
function withVersion(head: PreparedRelease, version: string | undefined): PreparedRelease {
  const { release } = head;
  return release.version !== undefined || version === undefined
    ? head
    : { ...head, release: { ...release, version } };
}

async function viewsOf(
  world: World,
  request: PlanRequest,
  { head, ...beside }: { readonly head: PreparedRelease; readonly base?: PreparedRelease },
): Promise<Pick<ChosenReleases, 'views'>> {
  const { base } = beside;
  const seen = await lookAt(world, request, head, { stage: 'head', ...beside });
  if (seen === undefined) return {};
  const before =
    base === undefined ? undefined : await lookAt(world, request, base, { stage: 'base' });
  return { views: { head: seen, ...(before === undefined ? {} : { base: before }) } };
}

/**
 * A base that was named is nearly always needed, and two installations one after the other take twice as long. What
 * is wrong with it is told when it is chosen.
 */
function prepareAhead(
  { releases }: World,
  request: PlanRequest,
  base: Release | undefined,
): { readonly ref: string; readonly prepared: Promise<PreparedRelease> } | undefined {
  if (base === undefined) return undefined;
  const prepared = releases.prepare(base, progressOf(request));
  prepared.catch(() => undefined);
  return { ref: base.ref, prepared };
}

type Wanted = Pick<PlanRequest, 'manifest'>;

const unsupported = (
  { host }: World,
  { manifest }: Wanted,
  { engines }: PreparedRelease,
): boolean => engines !== undefined && startsOurNode(manifest) && !supportsNode(engines, host.node);

/** Said before anything is deployed: the app's failure on a Node it excludes is not the app's fault. */
function judgeEngines(world: World, request: Wanted, head: PreparedRelease): void {
  if (!unsupported(world, request, head)) return;
  const { release, engines } = head;
  throw new WorldError(
    'unavailable',
    `${release.ref} needs Node ${engines ?? ''}, and this is ${world.host.node}`,
    { hint: 'run Seatrial with such a Node, name one in process.start, or another --head' },
  );
}

/** A base may be older than its own limits, and many run well beyond them. */
function baseEngines(
  world: World,
  request: Wanted,
  base: PreparedRelease | undefined,
): readonly BaseNote[] {
  if (base === undefined || !unsupported(world, request, base)) return [];
  const message = `${base.release.ref} asks for Node ${base.engines ?? ''}, and this is ${world.host.node}`;
  return [{ code: 'base-engines', message }];
}

type Listed = { readonly published: readonly Release[]; readonly notes: readonly BaseNote[] };

/**
 * The candidates; none where nobody asks for them. Where the base is named they are only shown, so that
 * a registry out of reach is no obstacle.
 */
async function listReleases(
  { releases }: World,
  { base, manifest, fromBase, signal }: PlanRequest & { readonly fromBase: boolean },
): Promise<Listed> {
  const named = base ?? manifest.base.release;
  if (!fromBase || (named === undefined && manifest.base.skip !== undefined))
    return { published: [], notes: [] };
  try {
    return { published: await releases.published(signal), notes: [] };
  } catch (error) {
    if (named === undefined || !(error instanceof WorldError && error.code === 'network'))
      throw error;
    const message = `other releases are not listed: ${error.message}`;
    return { published: [], notes: [{ code: 'releases-not-listed', message }] };
  }
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

export const progressOf = ({ signal, onProgress }: Pick<PlanRequest, 'signal' | 'onProgress'>) => ({
  ...(signal === undefined ? {} : { signal }),
  ...(onProgress === undefined ? {} : { onProgress }),
});

export async function unnamedHead(
  { releases }: Pick<World, 'releases'>,
  { manifest, signal }: Pick<PlanRequest, 'manifest' | 'signal'>,
): Promise<{ readonly release: Release; readonly reason: string }> {
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

type NamedOrder = {
  readonly head: Release;
  readonly base?: Release;
  readonly green: GreenRun | undefined;
  readonly published: readonly Release[];
};

async function orderFor(
  world: World,
  { base, manifest, lastGreen }: PlanRequest,
  { head, base: explicitRelease, green, published }: NamedOrder,
): Promise<BaseOrder> {
  const ancestors = await ancestorsOf(world, head, published);
  return candidateOrder({
    ...{ head, published, declared: manifest.base, ancestors },
    ...(base === undefined ? {} : { explicit: base }),
    ...(explicitRelease === undefined ? {} : { explicitRelease }),
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
