// What speaks against a bundle as a whole, whichever row it is to cover (V3 to V5, and the part of V7
// that every scenario shares).

import { isMutant, isWhole, once, type AuditIndex, type Candidate } from './audit.ts';
import { askedReasons, outcomeReasons, runName } from './asked-run.ts';
import { isEvidenceFault } from './check-reasons.ts';
import { collectorsOf, type PlannedScenario } from './pack.ts';
import type { Found } from './reason.ts';
import type { BundleSummary, Started } from './summary.ts';

export type BundleAnswer = {
  readonly found: readonly Found[];
  /** Whether its checks and proofs are worth asking: not when it is of a wrong kind. */
  readonly usable: boolean;
};

const shownMax = 20;

export const judgeBundle = (
  index: AuditIndex,
  scenario: string,
  candidate: Candidate | undefined,
): BundleAnswer =>
  once(index, `bundle ${scenario} ${candidate?.run ?? ''}`, () =>
    judge(index, scenario, candidate),
  );

function judge(
  index: AuditIndex,
  scenario: string,
  candidate: Candidate | undefined,
): BundleAnswer {
  if (candidate === undefined)
    return refused([
      {
        code: 'no-bundle',
        scenario,
        message: `${scenario} was never run${whyNot(index, scenario)}.`,
      },
    ]);
  const { run, summary, neverBegan } = candidate;
  const about = { scenario, run };
  if (summary === undefined)
    return refused([
      neverBegan
        ? { code: 'not-run', ...about, message: `Run ${run} was killed before its first record.` }
        : { code: 'no-bundle', ...about, message: `Run ${run} is listed and its bundle is gone.` },
    ]);
  const kind = wrongKind(index, { ...candidate, summary }, about);
  if (kind.length > 0 || summary.started === undefined) return refused(kind);
  const planned = index.pack.scenarios.get(scenario);
  const found = [
    ...faultsOf(summary, about, planned),
    ...signatureOf(index, summary, about),
    ...(planned === undefined
      ? [stale(about, 'plan', 'the scenario cannot be used as it is now')]
      : staleness(index, summary, summary.started, planned)),
    ...secretsOf(summary, about),
    ...(planned === undefined ? [] : outcomeReasons(summary, planned)),
  ];
  const unmet = summary.environmentUnmet;
  if (unmet !== undefined)
    return refused([...found, { code: 'environment-unmet', ...about, ...unmet }]);
  return {
    found: [...found, ...endOf(summary, about), ...cleanupOf(summary, about, planned)],
    usable: true,
  };
}

/** What passed in a run that was not finished is no evidence: nobody knows what came after. */
function endOf({ ended, run, records }: BundleSummary, about: About): readonly Found[] {
  if (ended?.outcome === 'completed') return [];
  const how = ended === undefined ? 'has no end record' : `was ${ended.outcome}`;
  return [{ code: 'not-run', ...about, seq: records, message: `Run ${run} ${how}.` }];
}

function signatureOf(
  { requireSignature }: AuditIndex,
  { signed, run }: BundleSummary,
  about: About,
): readonly Found[] {
  if (requireSignature !== true || signed) return [];
  const message = `Run ${run} has no signature by a trusted key.`;
  return [{ code: 'bundle-broken', ...about, part: 'attestation.intoto.jsonl', message }];
}

/** Of a run that is planned and cannot be made yet: what it waits for. */
function whyNot({ pack }: AuditIndex, scenario: string): string {
  const waiting = pack.waiting.get(scenario);
  return waiting === undefined ? '' : `: ${waiting.reason}`;
}

const refused = (found: readonly Found[]): BundleAnswer => ({ found, usable: false });

type About = { readonly scenario: string; readonly run: string };

function wrongKind(
  index: AuditIndex,
  listed: Candidate & { readonly summary: BundleSummary },
  about: About,
): readonly Found[] {
  const { summary } = listed;
  const { started, run } = summary;
  if (summary.previewOnly)
    return [{ code: 'preview-only', ...about, message: `${run} holds no journal.` }];
  if (summary.foreignFormat !== undefined)
    return [stale(about, 'tool', `its records have the format ${summary.foreignFormat}`)];
  if (started === undefined || !isWhole(summary)) return brokenBy(summary, about);
  const other = otherRun(listed, started, about);
  if (other !== undefined) return [other];
  const named = started.bound?.subject.name;
  const kinds: readonly (readonly [boolean, Found['code'], string])[] = [
    [started.selection === 'partial', 'partial-selection', 'left out a part of its scenario'],
    [isMutant(summary), 'mutant-bundle', `had a planted fault: ${started.canary ?? 'reported'}`],
    [started.fake, 'fake-driver', 'was made on the fake driver'],
    [
      named !== undefined && named !== index.subject,
      'wrong-subject',
      `is about ${named ?? ''}, not ${index.subject}`,
    ],
  ];
  return kinds
    .filter(([holds]) => holds)
    .map(([, code, message]) => ({ code, ...about, seq: 1, message: `Run ${run} ${message}.` }));
}

/** The list and the first record must agree on what it was a run of. */
function otherRun(listed: Candidate, started: Started, about: About): Found | undefined {
  const [known, said] = [listed, { ...started, asked: started.bound?.asked }].map(runName);
  if (said === known) return undefined;
  const message = `Run ${about.run} is listed as of ${String(known)} and says ${String(said)}.`;
  return { code: 'bundle-broken', ...about, seq: 1, message };
}

function brokenBy({ faults }: BundleSummary, about: About): readonly Found[] {
  return faults.slice(0, shownMax).map(({ file, seq, message }) => ({
    code: 'bundle-broken',
    ...about,
    ...(seq === undefined ? {} : { seq }),
    part: file,
    message: `${file}: ${message}`,
  }));
}

/**
 * Damage to an object behind a check of the scenario is that check's reason, not the whole bundle's. Checks that every
 * run has, of fixtures and of secrets, are nobody's own: what lies behind them counts for each row.
 */
function faultsOf(
  summary: BundleSummary,
  about: About,
  planned: PlannedScenario | undefined,
): readonly Found[] {
  const ids = new Set(planned?.checks.map(({ id }) => id));
  const faults = summary.faults.filter((fault) => !isEvidenceFault(summary, fault, ids));
  return brokenBy({ ...summary, faults }, about);
}

function stale(about: About, part: string, why: string): Found {
  return {
    code: 'stale-evidence',
    ...about,
    seq: 1,
    part,
    message: `Run ${about.run}, ${part}: ${why}.`,
  };
}

const short = (digest: string | undefined): string => digest?.slice(0, 12) ?? 'unknown';

function staleness(
  index: AuditIndex,
  { run, ended }: BundleSummary,
  started: Started,
  planned: PlannedScenario,
): readonly Found[] {
  const about = { scenario: planned.id, run };
  const { bound } = started;
  if (bound === undefined)
    return [stale(about, 'subject', 'the run does not say what it is about')];
  const parts: readonly (readonly [string, string, string | undefined])[] = [
    ['subject', bound.subject.digest, index.auditedHead],
    ['plan', bound.plan, planned.plan],
    ['collectors', bound.collectors, collectorsOf(index.pack, planned)],
  ];
  const differing = parts
    .filter(([, was, is]) => was !== is)
    .map(([part, was, is]) => stale(about, part, `it was ${short(was)} and is ${short(is)}`));
  const other = bound.plan === planned.plan ? planMismatch(started, planned, about) : [];
  const asked = askedReasons(started, planned, run);
  return [...differing, ...other, ...asked, ...age(index, ended?.at, about)];
}

function planMismatch(started: Started, planned: PlannedScenario, about: About): readonly Found[] {
  const expected = new Set(started.expected);
  const wanted = [
    ...planned.checks.map(({ id }) => id),
    ...planned.fixtures
      .filter(({ mutates }) => mutates)
      .flatMap(({ id }) => [`fixture.${id}.staged`, `fixture.${id}.restored`]),
  ];
  const dropped = wanted.filter((id) => !expected.has(id));
  if (dropped.length === 0) return [];
  const message = `Run ${about.run} never expected ${dropped.slice(0, 5).join(', ')}.`;
  return [{ code: 'plan-mismatch', ...about, seq: 1, message }];
}

function age(index: AuditIndex, endedAt: string | undefined, about: About): readonly Found[] {
  if (index.maxAgeMs === undefined || endedAt === undefined) return [];
  const ageMs = Date.parse(index.at) - Date.parse(endedAt);
  if (ageMs <= index.maxAgeMs) return [];
  return [stale(about, 'time', `it ended at ${endedAt}, too long before ${index.at}`)];
}

function secretsOf(summary: BundleSummary, about: About): readonly Found[] {
  const scanned = summary.secrets.slice(0, shownMax).map(({ file, form }): Found => ({
    code: 'secret-found',
    ...about,
    part: file,
    message: `${file} holds a planted secret (${form}).`,
  }));
  const absent = summary.checks['run.secrets.absent'];
  if (absent?.verdict !== 'failed') return scanned;
  const seq = absent.seq === undefined ? {} : { seq: absent.seq };
  const message = `run.secrets.absent: ${absent.message}`;
  return [
    ...scanned,
    { code: 'secret-found', ...about, ...seq, check: 'run.secrets.absent', message },
  ];
}

function cleanupOf(
  summary: BundleSummary,
  about: About,
  planned: PlannedScenario | undefined,
): readonly Found[] {
  const undos = summary.undos
    .filter(({ outcome }) => outcome !== 'restored')
    .map(({ undo, target, outcome }): Found => ({
      code: outcome === 'timed-out' ? 'undo-timed-out' : 'fixture-not-restored',
      ...about,
      part: undo,
      message: `The undo of ${target} is ${outcome}.`,
    }));
  const left = summary.left.map(({ kind, name, seq }): Found => ({
    code: 'fixture-not-restored',
    ...about,
    seq,
    part: name,
    message: `${kind} ${name} was not removed.`,
  }));
  const covered = undos.length > 0 || left.length > 0;
  const fixtures = (planned?.fixtures ?? []).filter(({ mutates }) => mutates);
  const open = fixtures.flatMap(({ id }) => unrestored(summary, about, id));
  // An undo that is still open says the same of the fixture it belongs to.
  return [...undos, ...left, ...(covered ? [] : open)];
}

function unrestored(summary: BundleSummary, about: About, fixture: string): readonly Found[] {
  const { applied, restored } = summary.fixtures[fixture] ?? {};
  if (applied === undefined) return [];
  const check = summary.checks[`fixture.${fixture}.restored`];
  if (restored !== undefined && check?.verdict === 'passed') return [];
  const seq = check?.seq ?? applied.seq;
  const message = `${fixture}: ${check?.message ?? 'nothing shows that it was restored'}`;
  return [{ code: 'fixture-not-restored', ...about, fixture, seq, message }];
}
