// What users of findings rely on, with faults planted that must break it.

import { join } from 'node:path';
import { expect } from 'vitest';
import type * as Baselines from '../../src/findings/baseline.ts';
import type * as Classifying from '../../src/findings/classify.ts';
import type { Finding, Subject } from '../../src/findings/finding.ts';
import type * as Reading from '../../src/findings/read-baseline.ts';
import type * as Regressing from '../../src/findings/regress.ts';
import type { Entry } from '../../src/findings/suppression.ts';
import { describePromises, type Fault } from '../planted-faults.ts';
import { at, intake, subject } from './samples.ts';

const today = '2026-03-01';

type Sources = typeof Baselines & typeof Classifying & typeof Reading & typeof Regressing;

async function load(root: string): Promise<Sources> {
  const names = ['baseline', 'classify', 'read-baseline', 'regress'];
  const modules = await Promise.all(
    names.map((name) => import(join(root, 'findings', `${name}.ts`)) as Promise<Partial<Sources>>),
  );
  return Object.assign({}, ...modules) as Sources;
}

type Findings = readonly Partial<Finding>[];

const foo = { message: "unknown function 'foo'", context: 'x : foo ( )', place: { line: 3 } };
const bar = { message: "unknown function 'bar'", context: 'x : bar ( )', place: { line: 9 } };
const crash = { class: 'INTERNAL_ERROR', rule: 'E_INTERNAL' };

const classified = (
  { classify }: Sources,
  findings: Findings,
  suppressions: readonly Entry[] = [],
) =>
  classify(intake([subject('a.aether', findings)]), {
    ...{ timestamp: at, today, requireOwner: false, suppressions },
    categories: 'word',
  }).classification.workflows[0];

/** A record for a finding as these very sources fingerprint it. */
function aside(sources: Sources, finding: Partial<Finding>, expires = '2026-04-01'): Entry {
  const fingerprint = classified(sources, [finding])?.fingerprint ?? '';
  const record = { fingerprint, reason: 'waits for it', owner: 'mara', created: '2026-01-01' };
  return {
    fingerprint,
    reason: record.reason,
    file: 'findings/s',
    line: 1,
    record: { ...record, expires },
  };
}

/** Two findings whose fingerprints begin alike: the beginning must not be enough. */
function alike(sources: Sources): readonly [Partial<Finding>, Partial<Finding>] {
  const seen = new Map<string, Partial<Finding>>();
  for (let at = 0; ; at += 1) {
    const each = { message: `unknown function 'w${String(at)}'` };
    const start = classified(sources, [each])?.fingerprint?.slice(0, 2) ?? '';
    const other = seen.get(start);
    if (other !== undefined) return [other, each];
    seen.set(start, each);
  }
}

const states = (sources: Sources, findings: Findings, entry: Entry) =>
  classified(sources, findings, [entry])?.findings.map((each) => each.suppressed);

/** Whether the gate lets pass what went from one set of subjects to another. */
function passes(
  sources: Sources,
  [before, now]: readonly [readonly Subject[], readonly Subject[]],
  suppressions: readonly Entry[] = [],
): boolean | undefined {
  const read = (subjects: readonly Subject[]) => {
    const { classification } = sources.classify(intake(subjects), {
      ...{ timestamp: at, today, requireOwner: false, suppressions: [] },
      categories: 'word',
    });
    const text = sources.renderBaseline(sources.makeBaseline(classification));
    const reading = sources.readBaseline(text);
    if ('problems' in reading) throw new Error(reading.problems[0]?.message);
    return reading.baseline;
  };
  const answer = sources.regress(read(now), read(before), {
    ...{ timestamp: at, today, absThreshold: 5, relThreshold: 0.1, any: false, ratchet: false },
    ...{ perFingerprint: true, allowShrink: 0, suppressions, requireOwner: false },
  });
  return 'result' in answer ? answer.result.ok : undefined;
}

const moved = (finding: Partial<Finding>, lines: number) => ({
  ...finding,
  place: { line: (finding.place?.line ?? 0) + lines },
});

const promises: Readonly<Record<string, (sources: Sources) => void>> = {
  'one finding set aside, no other is': (sources) => {
    const [one, other] = alike(sources);
    expect(states(sources, [one, other], aside(sources, one))).toEqual([true, false]);
    const elsewhere = { ...foo, context: 'y : foo ( )' };
    expect(states(sources, [foo, elsewhere], aside(sources, foo))).toEqual([true, false]);
  },
  'ten lines above it: still set aside': (sources) => {
    expect(states(sources, [moved(foo, 10)], aside(sources, foo))).toEqual([true]);
  },
  'another message: not set aside': (sources) => {
    const changed = { ...foo, message: "unknown function 'fooo'" };
    expect(states(sources, [changed], aside(sources, foo))).toEqual([false]);
  },
  'after its last day it counts again': (sources) => {
    expect(states(sources, [foo], aside(sources, foo, today))).toEqual([true]);
    expect(states(sources, [foo], aside(sources, foo, '2026-02-28'))).toEqual([false]);
  },
  'a file is set aside when all of it is': (sources) => {
    expect(classified(sources, [foo, bar], [aside(sources, foo)])?.suppressed).toBe(false);
    expect(classified(sources, [foo], [aside(sources, foo)])?.suppressed).toBe(true);
  },
  'the gate fails for what got worse, whatever got better': (sources) => {
    const before = [subject('a', [foo]), subject('b')];
    expect(passes(sources, [before, [subject('a'), subject('b', [bar])]])).toBe(false);
    expect(passes(sources, [before, [subject('a'), subject('b')]])).toBe(true);
  },
  'the gate passes what was there before': (sources) => {
    const [before, now] = [[subject('a', [foo])], [subject('a', [moved(foo, 10)])]];
    expect(passes(sources, [before, before])).toBe(true);
    expect(passes(sources, [before, now])).toBe(true);
  },
  'the gate passes what is set aside': (sources) => {
    const sides = [[subject('a')], [subject('a', [foo])]] as const;
    expect(passes(sources, sides)).toBe(false);
    expect(passes(sources, sides, [aside(sources, foo)])).toBe(true);
  },
  'one more internal error fails': (sources) => {
    const before = [subject('a', [crash, crash]), subject('b')];
    const now = [subject('a', [crash]), subject('b', [crash])];
    expect(passes(sources, [before, now])).toBe(false);
  },
  'an empty reference is refused': ({ readBaseline }) => {
    expect(readBaseline('{}')).toHaveProperty('problems');
    expect(readBaseline('{"total":0,"by_code":{},"files":[]}')).toHaveProperty('problems');
  },
  'tests that disappeared are noticed': (sources) => {
    expect(passes(sources, [[subject('a'), subject('b')], [subject('a')]])).toBeUndefined();
  },
};

const parts = "['seatrial/1', finding.class, rule, message, context]";
const faults: readonly Fault[] = [
  ...[
    ['without message', parts.replace(' message,', ''), 'another message: not set aside'],
    [
      'with the line',
      parts.replace(']', ', String(finding.place?.line)]'),
      'ten lines above it: still set aside',
    ],
    ['without context', parts.replace(', context', ''), 'one finding set aside, no other is'],
  ].map(([what = '', to = '', breaks = '']) => ({
    ...{ what: `fingerprint ${what}`, file: 'findings/fingerprint', from: parts, to, breaks },
  })),
  {
    what: 'suppression by prefix',
    file: 'findings/apply-suppressions',
    from: 'active.get(candidate.fingerprint)',
    to: '[...active.values()].find(({ entry }) => entry.fingerprint.slice(0, 2) === candidate.fingerprint.slice(0, 2))',
    breaks: 'one finding set aside, no other is',
  },
  {
    what: 'expired entries work',
    file: 'findings/apply-suppressions',
    from: "isExpired(entry, today) ? 'expired' : 'active'",
    to: "'active'",
    breaks: 'after its last day it counts again',
  },
  {
    what: 'one entry sets the file aside',
    file: 'findings/classify',
    from: 'findings.every((each) => each.suppressed)',
    to: 'findings.some((each) => each.suppressed)',
    breaks: 'a file is set aside when all of it is',
  },
  {
    what: 'new findings are not looked at',
    file: 'findings/regress',
    from: '(!options.perFingerprint || matched.new.length === 0)',
    to: 'true',
    breaks: 'the gate fails for what got worse, whatever got better',
  },
  {
    what: 'what moved is new',
    file: 'findings/match-occurrences',
    from: 'old.get(each.fingerprint)?.[next]',
    to: 'undefined',
    breaks: 'the gate passes what was there before',
  },
  {
    what: 'the gate knows no suppressions',
    file: 'findings/regress',
    from: 'entryFor(candidate) === undefined',
    to: 'true',
    breaks: 'the gate passes what is set aside',
  },
  {
    what: 'internal errors are like others',
    file: 'findings/regress',
    from: 'filter(({ delta }) => delta > 0)',
    to: 'filter(({ delta }) => delta > 5)',
    breaks: 'one more internal error fails',
  },
  {
    what: 'an empty reference passes',
    file: 'findings/read-baseline',
    from: 'files.length === 0',
    to: 'files.length < 0',
    breaks: 'an empty reference is refused',
  },
  {
    what: 'a shrunk corpus passes',
    file: 'findings/regress',
    from: 'shrunk <= options.allowShrink',
    to: 'shrunk < Infinity',
    breaks: 'tests that disappeared are noticed',
  },
];

describePromises({
  folders: ['findings', 'evidence', 'ports', 'diagnostics'],
  load,
  promises,
  faults,
});
