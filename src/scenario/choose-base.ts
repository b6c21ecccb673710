// Which release an upgrade starts from. Order is a matter of versions and ancestry and is decided first;
// equality is a matter of content, so candidates are prepared one by one until one differs from head.

import type { Release } from '../ports/release.ts';
import type { Manifest } from './manifest.ts';
import type { BaseCandidate } from './plan.ts';
import { compareVersions, parseVersion, type Version } from './version-order.ts';

export type BaseInputs = {
  readonly head: Release;
  /** As the origin lists them. */
  readonly published: readonly Release[];
  /** Newest release with a verified bundle: passed, full, not a change, no fake driver. */
  readonly lastGreen?: Release;
  /** `--base`, and what it means when it is no published release, like `dir:../old`. */
  readonly explicit?: string;
  readonly explicitRelease?: Release;
  readonly declared: Manifest['base'];
  /** Whether a release is an ancestor of head, by its `ref`; absent where the origin cannot tell. */
  readonly ancestors: ReadonlyMap<string, boolean>;
};

/** A release that a person named cannot be used; `from` says where they named it. */
export type Refusal = {
  readonly from: '--head' | 'source.head' | '--base' | 'base.release';
  readonly message: string;
  readonly hint: string;
};

export type BaseOrder =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'skipped'; readonly skipped: string }
  | {
      readonly kind: 'ordered';
      /** To be tried in this order. */
      readonly order: readonly Candidate[];
      readonly left: readonly BaseCandidate[];
      /** A person named the release: nothing else will do. */
      readonly explicit?: Refusal['from'];
    };

export type Candidate = { readonly release: Release; readonly reason: string };

/** A finding of the choice: changes no verdict, is shown in every report. */
export type BaseNote = {
  readonly code: 'base-not-newest' | 'releases-not-listed' | 'base-engines';
  readonly message: string;
};

export type BaseDecision =
  | { readonly kind: 'need'; readonly release: Release }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | {
      readonly kind: 'decided';
      readonly base?: Release & { readonly digest: string };
      /** Why there is none: `no-older-release`, `nothing-older-differs`, or the owner's reason. */
      readonly skipped?: string;
      /** The reason is the owner's. */
      readonly declared?: true;
      readonly candidates: readonly BaseCandidate[];
      readonly notes: readonly BaseNote[];
    };

/** What may serve as base, best first, and why the rest may not. */
export function candidateOrder(inputs: BaseInputs): BaseOrder {
  const named = inputs.explicit ?? inputs.declared.release;
  if (named !== undefined) return explicitOrder(inputs, named);
  if (inputs.declared.skip !== undefined) return { kind: 'skipped', skipped: inputs.declared.skip };
  const judged = newestFirst(inputs.published).map((release) => ({
    release,
    reason: whyNotStable(release, inputs) ?? whyNotOlder(release, inputs),
  }));
  const older = judged.flatMap(({ release, reason }) =>
    reason === undefined ? [{ release, reason: 'the newest older release' }] : [],
  );
  const left = judged.flatMap(({ release, reason }) =>
    reason === undefined ? [] : [{ release, taken: false, reason }],
  );
  return {
    kind: 'ordered',
    order: greenFirst(older, inputs.lastGreen),
    left: [...left, ...unpublishedGreen(inputs)],
  };
}

/**
 * The decision as far as these digests of prepared trees allow, by `ref`; `need` names the release to
 * prepare before asking again.
 */
export function settleBase(
  order: BaseOrder,
  digests: ReadonlyMap<string, string>,
  headDigest: string,
): BaseDecision {
  if (order.kind === 'refused') return order;
  if (order.kind === 'skipped')
    return { kind: 'decided', skipped: order.skipped, declared: true, candidates: [], notes: [] };
  const same: BaseCandidate[] = [];
  for (const [index, { release, reason }] of order.order.entries()) {
    const digest = digests.get(release.ref);
    if (digest === undefined) return { kind: 'need', release };
    if (digest !== headDigest)
      return {
        kind: 'decided',
        base: { ...release, digest },
        candidates: [
          ...same,
          { release, taken: true, reason },
          ...order.order.slice(index + 1).map(untried),
          ...order.left,
        ],
        notes: notesFor(release, order.order),
      };
    if (order.explicit !== undefined) return refuse(order.explicit, release.ref, sameAsHead);
    same.push({ release, taken: false, reason: 'its content equals head' });
  }
  const skipped = order.order.length === 0 ? 'no-older-release' : 'nothing-older-differs';
  return { kind: 'decided', skipped, candidates: [...same, ...order.left], notes: [] };
}

const sameAsHead = 'has the same content as head: nothing would be upgraded';

function explicitOrder(inputs: BaseInputs, name: string): BaseOrder {
  const from = inputs.explicit === undefined ? 'base.release' : '--base';
  const release = named(inputs, name);
  if (release === undefined) return refuse(from, name, 'is no published release');
  const reason = whyNotOlder(release, inputs);
  // What a person names need not be provably older; it must not be provably otherwise.
  if (reason !== undefined && !reason.startsWith(cannotTell)) return refuse(from, name, reason);
  const left = inputs.published
    .filter(({ ref }) => ref !== release.ref)
    .map((each) => ({ release: each, taken: false, reason: `${from} names another one` }));
  return {
    kind: 'ordered',
    order: [{ release, reason: `named by ${from}` }],
    left,
    explicit: from,
  };
}

function refuse(from: Refusal['from'], name: string, why: string) {
  const message = `The base \`${name}\` ${why}.`;
  return {
    kind: 'refused',
    refusal: { from, message, hint: 'Name an older release, or leave it to Seatrial.' },
  } as const;
}

/** A release by its reference, the part after the origin, or its version with or without `v`. */
function named({ published, explicitRelease }: BaseInputs, name: string): Release | undefined {
  const plain = name.replace(/^v(?=\d)/, '');
  return (
    published.find(({ ref }) => ref === name) ??
    published.find(({ ref }) => ref.endsWith(`:${name}`) || ref.endsWith(`@${name}`)) ??
    published.find(({ version }) => version?.replace(/^v(?=\d)/, '') === plain) ??
    explicitRelease
  );
}

const cannotTell = 'cannot be shown to be older than head';

/** Who is on a pre-release has chosen so; others are judged from what was meant for them. */
function whyNotStable(release: Release, { head }: BaseInputs): string | undefined {
  const preRelease = versionOf(release)?.preRelease === true;
  const allowed = versionOf(head)?.preRelease === true;
  return preRelease && !allowed ? 'is a pre-release, and head is none' : undefined;
}

/** Undefined when the release is older than head. */
function whyNotOlder(release: Release, inputs: BaseInputs): string | undefined {
  if (isSame(release, inputs.head)) return 'is head itself';
  const version = versionOf(release);
  if (version === undefined) return `${cannotTell}: its version cannot be read`;
  const head = versionOf(inputs.head);
  const ancestor = inputs.ancestors.get(release.ref);
  if (head === undefined) return byAncestry(ancestor);
  const order = compareVersions(version, head);
  if (order < 0) return undefined;
  if (order > 0) {
    const behind = ancestor === true && isUnbumped(inputs, head);
    return behind ? undefined : 'is newer than head';
  }
  if (!isUnbumped(inputs, head)) return 'has the version of head';
  return ancestor === false ? 'has the version of head and is no ancestor of it' : undefined;
}

function byAncestry(ancestor: boolean | undefined): string | undefined {
  if (ancestor === undefined) return `${cannotTell}: head has no version`;
  return ancestor ? undefined : 'is no ancestor of head';
}

/** Head is a change that still carries the version of a release it is not. */
function isUnbumped({ head, published }: BaseInputs, version: Version): boolean {
  if (published.some((release) => isSame(release, head))) return false;
  return published.some((release) => {
    const other = versionOf(release);
    return other !== undefined && compareVersions(other, version) === 0;
  });
}

/** The very same release, whatever its content. */
function isSame(release: Release, head: Release): boolean {
  if (release.ref === head.ref) return true;
  if (release.commit !== undefined && release.commit === head.commit) return true;
  return release.integrity !== undefined && release.integrity === head.integrity;
}

function versionOf({ version }: Release): Version | undefined {
  return version === undefined ? undefined : parseVersion(version);
}

/** Releases without a readable version keep their place at the end. */
function newestFirst(published: readonly Release[]): readonly Release[] {
  return published
    .map((release, index) => ({ release, index, version: versionOf(release) }))
    .sort((a, b) => {
      if (a.version === undefined || b.version === undefined)
        return Number(a.version === undefined) - Number(b.version === undefined);
      return compareVersions(b.version, a.version) || b.index - a.index;
    })
    .map(({ release }) => release);
}

function greenFirst(
  older: readonly Candidate[],
  lastGreen: Release | undefined,
): readonly Candidate[] {
  const green = older.find(({ release }) => lastGreen !== undefined && isSame(release, lastGreen));
  if (green === undefined) return older;
  const first = { release: green.release, reason: 'the newest release that passed' };
  return [first, ...older.filter((each) => each !== green)];
}

function unpublishedGreen({ published, lastGreen }: BaseInputs): readonly BaseCandidate[] {
  if (lastGreen === undefined || published.some((each) => isSame(each, lastGreen))) return [];
  return [{ release: lastGreen, taken: false, reason: 'passed, but is no longer published' }];
}

function untried({ release }: Candidate): BaseCandidate {
  return { release, taken: false, reason: 'a better candidate was taken' };
}

function notesFor(taken: Release, order: readonly Candidate[]): readonly BaseNote[] {
  const newest = newestFirst(order.map(({ release }) => release))[0];
  if (newest === undefined || newest.ref === taken.ref) return [];
  const message = `${newest.ref} is newer than ${taken.ref} and older than head, but has not passed.`;
  return [{ code: 'base-not-newest', message }];
}
