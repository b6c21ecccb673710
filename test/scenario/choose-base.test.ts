import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Release } from '../../src/ports/release.ts';
import {
  candidateOrder,
  settleBase,
  type BaseDecision,
  type BaseInputs,
} from '../../src/scenario/choose-base.ts';

const npm = (version: string): Release => ({ origin: 'npm', ref: `npm:app@${version}`, version });
const tag = (version: string, commit = `commit of ${version}`): Release => ({
  origin: 'git',
  ref: `git:${version}`,
  version,
  commit,
});
const tip = (version?: string): Release => ({
  origin: 'git',
  ref: 'git:main',
  commit: 'tip',
  ...(version === undefined ? {} : { version }),
});

type Case = Partial<Omit<BaseInputs, 'ancestors'>> & {
  readonly head: Release;
  readonly ancestors?: Readonly<Record<string, boolean>>;
  /** Content by reference; a release has its own unless told otherwise. */
  readonly contents?: Readonly<Record<string, string>>;
};

/** Prepares what is asked for until it is settled, as the planner does. */
function decide({
  ancestors = {},
  contents = {},
  ...given
}: Case): BaseDecision & { prepared: string[] } {
  const inputs = {
    published: [],
    declared: {},
    ...given,
    ancestors: new Map(Object.entries(ancestors)),
  };
  const order = candidateOrder(inputs);
  const digestOf = ({ ref }: Release) => contents[ref] ?? `content of ${ref}`;
  const digests = new Map<string, string>();
  for (;;) {
    const decision = settleBase(order, digests, digestOf(given.head));
    if (decision.kind !== 'need') return { ...decision, prepared: [...digests.keys()] };
    digests.set(decision.release.ref, digestOf(decision.release));
  }
}

const outcome = (decision: BaseDecision): string => {
  if (decision.kind === 'refused') return `refused: ${decision.refusal.message}`;
  if (decision.kind === 'need') return 'need';
  return decision.base?.ref ?? `skipped: ${decision.skipped ?? ''}`;
};

const versions = ['1.0.0', '1.1.0', '1.2.0'].map(npm);
const tags = ['v1.0.0', 'v1.1.0', 'v1.2.0'].map((version) => tag(version));

const cases: readonly (readonly [string, Case, string])[] = [
  ['the newest older version', { head: npm('1.3.0'), published: versions }, 'npm:app@1.2.0'],
  ['not head itself', { head: npm('1.2.0'), published: versions }, 'npm:app@1.1.0'],
  ['not a newer one', { head: npm('1.1.5'), published: versions }, 'npm:app@1.1.0'],
  [
    'none before the first',
    { head: npm('1.0.0'), published: versions },
    'skipped: no-older-release',
  ],
  ['none where nothing is published', { head: tip('1.0.0') }, 'skipped: no-older-release'],
  [
    'newest by number, not by text or place',
    { head: npm('2.0.0'), published: ['1.10.0', '1.9.0', '1.2.0'].map(npm) },
    'npm:app@1.10.0',
  ],
  [
    'by recipe part, then by app part',
    {
      head: tag('2.0.0+1.0'),
      published: ['1.0.0+9.0', '1.0.0+10.0', '0.9.0+99'].map((v) => tag(v)),
    },
    'git:1.0.0+10.0',
  ],
  ['of an unbumped change its own label', { head: tip('v1.2.0'), published: tags }, 'git:v1.2.0'],
  [
    'not a label of another branch',
    { head: tip('v1.2.0'), published: tags, ancestors: { 'git:v1.2.0': false } },
    'git:v1.1.0',
  ],
  [
    'a newer label that an unbumped head descends from',
    {
      head: tip('v1.1.0'),
      published: tags,
      ancestors: { 'git:v1.2.0': true, 'git:v1.1.0': true, 'git:v1.0.0': true },
    },
    'git:v1.2.0',
  ],
  [
    'an ancestor where head has no version',
    {
      head: tip(),
      published: tags,
      ancestors: { 'git:v1.0.0': true, 'git:v1.1.0': true, 'git:v1.2.0': false },
    },
    'git:v1.1.0',
  ],
  [
    'none where nothing can be told',
    { head: tip(), published: versions },
    'skipped: no-older-release',
  ],
  [
    'not the release of the same commit',
    { head: tip('v1.2.0'), published: [...tags.slice(0, 2), tag('v1.2.0', 'tip')] },
    'git:v1.1.0',
  ],
  [
    'no pre-release for a stable head',
    { head: npm('2.0.0'), published: [npm('1.0.0'), npm('2.0.0-rc.1')] },
    'npm:app@1.0.0',
  ],
  [
    'a pre-release for a pre-release head',
    { head: npm('2.0.0-rc.2'), published: [npm('1.0.0'), npm('2.0.0-rc.1')] },
    'npm:app@2.0.0-rc.1',
  ],
  [
    'nothing that cannot be read',
    { head: npm('2.0.0'), published: [npm('latest'), npm('1.0.0')] },
    'npm:app@1.0.0',
  ],
  [
    'the next one where content equals head',
    {
      head: tip('v1.2.0'),
      published: tags,
      contents: { 'git:v1.2.0': 'same', 'git:main': 'same' },
    },
    'git:v1.1.0',
  ],
  [
    'none where all content equals head',
    {
      head: tip('v1.3.0'),
      published: tags,
      contents: { 'git:main': 's', 'git:v1.0.0': 's', 'git:v1.1.0': 's', 'git:v1.2.0': 's' },
    },
    'skipped: nothing-older-differs',
  ],
  [
    'the last green one',
    { head: npm('2.0.0'), published: versions, lastGreen: npm('1.1.0') },
    'npm:app@1.1.0',
  ],
  [
    'the newest where the last green one equals head',
    {
      head: npm('2.0.0'),
      published: versions,
      lastGreen: npm('1.1.0'),
      contents: { 'npm:app@1.1.0': 's', 'npm:app@2.0.0': 's' },
    },
    'npm:app@1.2.0',
  ],
  [
    'no last green one that is newer',
    { head: npm('1.1.0'), published: versions, lastGreen: npm('1.2.0') },
    'npm:app@1.0.0',
  ],
  [
    'no last green one that is gone',
    { head: npm('2.0.0'), published: versions, lastGreen: npm('1.5.0') },
    'npm:app@1.2.0',
  ],
  [
    'none by declaration',
    { head: npm('2.0.0'), published: versions, declared: { skip: 'because' } },
    'skipped: because',
  ],
  [
    'what the manifest names',
    { head: npm('2.0.0'), published: versions, declared: { release: '1.0.0' } },
    'npm:app@1.0.0',
  ],
  [
    'what the command names, before all',
    {
      head: npm('2.0.0'),
      published: versions,
      explicit: '1.1.0',
      declared: { skip: 'because' },
      lastGreen: npm('1.2.0'),
    },
    'npm:app@1.1.0',
  ],
  ['named by tag', { head: tip('2.0.0'), published: tags, explicit: 'v1.0.0' }, 'git:v1.0.0'],
  ['named without v', { head: tip('2.0.0'), published: tags, explicit: '1.0.0' }, 'git:v1.0.0'],
  [
    'named by reference',
    { head: npm('2.0.0'), published: versions, explicit: 'npm:app@1.0.0' },
    'npm:app@1.0.0',
  ],
  [
    'a pre-release when named',
    { head: npm('2.0.0'), published: [npm('2.0.0-rc.1')], explicit: '2.0.0-rc.1' },
    'npm:app@2.0.0-rc.1',
  ],
  [
    'unpublished when named',
    {
      head: npm('2.0.0'),
      explicit: 'dir:old',
      explicitRelease: { origin: 'directory', ref: 'dir:old' },
    },
    'dir:old',
  ],
  [
    'refused: unknown',
    { head: npm('2.0.0'), published: versions, explicit: '9.9.9' },
    'refused: The base `9.9.9` is no published release.',
  ],
  [
    'refused: not older',
    { head: npm('1.1.0'), published: versions, explicit: '1.2.0' },
    'refused: The base `1.2.0` is newer than head.',
  ],
  [
    'refused: head',
    { head: npm('1.2.0'), published: versions, declared: { release: '1.2.0' } },
    'refused: The base `1.2.0` is head itself.',
  ],
  [
    'refused: equal content, no falling through',
    {
      head: npm('2.0.0'),
      published: versions,
      explicit: '1.0.0',
      contents: { 'npm:app@1.0.0': 's', 'npm:app@2.0.0': 's' },
    },
    'refused: The base `npm:app@1.0.0` has the same content as head: nothing would be upgraded.',
  ],
];

test.each(cases)('the base is %s', (_name, given, expected) => {
  expect(outcome(decide(given))).toBe(expected);
});

test('every published release is shown, taken or left with a reason', () => {
  const published = [...versions, npm('latest'), npm('1.3.0-rc.1'), npm('3.0.0')];
  const decision = decide({ head: npm('1.3.0'), published });
  const rows = decision.kind === 'decided' ? decision.candidates : [];
  expect(rows.map(({ release, taken, reason }) => [release.version, taken, reason])).toEqual([
    ['1.2.0', true, 'the newest older release'],
    ['1.1.0', false, 'a better candidate was taken'],
    ['1.0.0', false, 'a better candidate was taken'],
    ['3.0.0', false, 'is newer than head'],
    ['1.3.0-rc.1', false, 'is a pre-release, and head is none'],
    ['latest', false, 'cannot be shown to be older than head: its version cannot be read'],
  ]);
});

test('only as many releases are prepared as are needed', () => {
  expect(decide({ head: npm('2.0.0'), published: versions }).prepared).toEqual(['npm:app@1.2.0']);
});

test('a base that is not the newest is a finding', () => {
  const decision = decide({ head: npm('2.0.0'), published: versions, lastGreen: npm('1.1.0') });
  expect(decision.kind === 'decided' && decision.notes.map(({ code }) => code)).toEqual([
    'base-not-newest',
  ]);
  const newest = decide({ head: npm('2.0.0'), published: versions, lastGreen: npm('1.2.0') });
  expect(newest.kind === 'decided' && newest.notes).toEqual([]);
});

test('whatever is published, the base is never head and every release is accounted for once', () => {
  const version = fc
    .tuple(fc.nat(3), fc.nat(3), fc.constantFrom('', '-rc.1', '+a', '+b'))
    .map(([minor, patch, rest]) => `1.${String(minor)}.${String(patch)}${rest}`);
  fc.assert(
    fc.property(
      fc.uniqueArray(version, { maxLength: 8 }),
      version,
      fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
      (names, own, same) => {
        const published = names.map((name) => tag(name));
        const contents = Object.fromEntries(
          published.map(({ ref }, index) => [ref, same[index] === true ? 'head' : ref]),
        );
        const decision = decide({
          head: tip(own),
          published,
          contents: { ...contents, 'git:main': 'head' },
        });
        if (decision.kind !== 'decided') throw new Error(decision.kind);
        expect(decision.base === undefined).toBe(decision.skipped !== undefined);
        expect(decision.base?.digest).not.toBe('head');
        expect(decision.candidates.map(({ release }) => release.ref).sort()).toEqual(
          published.map(({ ref }) => ref).sort(),
        );
        expect(
          decision.candidates.filter(({ taken }) => taken).map(({ release }) => release.ref),
        ).toEqual(decision.base === undefined ? [] : [decision.base.ref]);
      },
    ),
  );
});
