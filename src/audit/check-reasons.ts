// What speaks against one planned check of one bundle (V6, and N1 to N4 for it).

import type { AuditIndex, Candidate } from './audit.ts';
import { isMutant, objectFaults, once } from './audit.ts';
import { isLiveTransport } from '../evidence/evidence-object.ts';
import type { Expectation } from '../evidence/expectation.ts';
import { expectDigestOf } from './judge-stored.ts';
import type { RegisteredCheck } from './pack.ts';
import type { Found } from './reason.ts';
import type { BundleSummary, CheckSummary, Fault, Judged } from './summary.ts';
import type { Json } from '../ports/json.ts';

type Where = {
  readonly index: AuditIndex;
  readonly scenario: string;
  readonly summary: BundleSummary;
};
type Asked = Where & {
  readonly id: string;
  readonly check: CheckSummary;
  readonly registered: RegisteredCheck | undefined;
};

export const judgeCheck = (where: Where, id: string): readonly Found[] =>
  once(where.index, `check ${where.scenario} ${where.summary.run} ${id}`, () =>
    judge(where, id).map((found) => ({
      scenario: where.scenario,
      run: where.summary.run,
      check: id,
      ...found,
    })),
  );

function judge(where: Where, id: string): readonly Found[] {
  const check = where.summary.checks[id];
  if (check === undefined)
    return [{ code: 'not-run', message: `${id} was not asked in ${where.summary.run}.` }];
  const registered = where.index.pack.register.get(id);
  const asked = { ...where, id, check, registered };
  if (check.verdict === 'passed') return passedReasons(asked);
  return [{ ...seqOf(check), ...verdictReason(asked) }];
}

const seqOf = ({ seq }: CheckSummary): { readonly seq?: number } =>
  seq === undefined ? {} : { seq };

const codes = {
  skipped: 'skipped',
  inconclusive: 'inconclusive',
  'not-run': 'not-run',
  error: 'testbed-error',
} as const;

function verdictReason(asked: Asked): Pick<Found, 'code' | 'message'> {
  const { check, id } = asked;
  const message = `${id}: ${check.verdict}: ${check.message}`;
  if (check.verdict === 'failed')
    return { code: passedBefore(asked) ? 'newer-run-failed' : 'check-failed', message };
  if (check.verdict === 'inconclusive') return { code: inconclusiveCode(asked), message };
  return { code: codes[check.verdict as Exclude<keyof typeof codes, 'inconclusive'>], message };
}

function inconclusiveCode(asked: Asked): Found['code'] {
  const { check, summary } = asked;
  const { judged } = check;
  if (judged === undefined) return 'inconclusive';
  // The facts fit, and nobody knows whether they are of the surface that the check is about.
  if (judged.verdict === 'passed' && !check.touched.includes(boundaryOf(asked)))
    return 'wrong-boundary';
  if (judged.reasons.includes('empty-comparison')) return 'empty-comparison';
  return beforeIsMissing(check, judged, summary) ? 'pre-state-not-observed' : 'inconclusive';
}

/** Whether an older run of the scenario shows it green: that does not cover this one. */
function passedBefore({ index, scenario, summary, id }: Asked): boolean {
  const runs = index.everyCandidate.get(scenario) ?? [];
  const at = runs.findIndex(({ run }) => run === summary.run);
  return runs.slice(at + 1).some((older) => showsPassed(older, id));
}

function showsPassed({ summary }: Candidate, id: string): boolean {
  return (
    summary !== undefined &&
    summary.faults.length === 0 &&
    !isMutant(summary) &&
    summary.checks[id]?.verdict === 'passed'
  );
}

function passedReasons(asked: Asked): readonly Found[] {
  const { check, summary } = asked;
  const at = seqOf(check);
  const damaged = damageOf(asked);
  if (damaged.length > 0) return damaged.map((found) => ({ ...at, ...found }));
  const { judged } = check;
  const found = [
    ...missingEvidence(asked),
    ...(judged === undefined ? unjudged(asked) : judgedReasons(asked, judged)),
    ...(check.touched.includes(boundaryOf(asked)) ? [] : [wrongBoundary(asked)]),
    ...(isPackFile(asked) ? [inputFile(asked)] : []),
  ];
  // Without any object the rest follows from that.
  const relevant = check.evidence.length === 0 ? found.filter(isAboutAbsence) : found;
  return relevant.map((each) => ({ ...at, run: summary.run, ...each }));
}

const isAboutAbsence = ({ code }: Found): boolean => code !== 'evidence-not-judgeable';
const boundaryOf = ({ check, registered }: Asked): string => registered?.boundary ?? check.boundary;

/** Whether a fault of the bundle is about an object that only checks of these ids point to. */
export function isEvidenceFault(
  summary: BundleSummary,
  { file, code }: Fault,
  ids: ReadonlySet<string>,
): boolean {
  if (!objectFaults.has(code)) return false;
  const digest = file.slice(-64);
  const behind = Object.entries(summary.checks)
    .filter(([, { evidence }]) => evidence.some(({ sha256 }) => sha256 === digest))
    .map(([id]) => id);
  return behind.length > 0 && behind.every((id) => ids.has(id));
}

function damageOf({ id, check, summary }: Asked): readonly Found[] {
  return summary.faults.flatMap((fault): readonly Found[] => {
    const ref = check.evidence.find(({ sha256 }) => fault.file.endsWith(sha256));
    if (ref === undefined || !objectFaults.has(fault.code)) return [];
    const gone = fault.code === 'object-missing';
    const code = gone ? 'evidence-missing' : 'evidence-digest-mismatch';
    return [{ code, check: id, part: ref.path, message: `${ref.path}: ${fault.message}` }];
  });
}

function missingEvidence({ id, check, registered }: Asked): readonly Found[] {
  const kept = new Set(check.evidence.map(({ path }) => path));
  const wanted = registered?.evidence ?? [];
  const missing = wanted.filter((name) => !kept.has(`evidence/${id}/${name}`));
  if (check.evidence.length > 0 && missing.length === 0) return [];
  const what = missing.length === 0 ? 'evidence' : missing.join(', ');
  return [{ code: 'evidence-missing', part: what, message: `${id} passed and left no ${what}.` }];
}

/** What the harness asks by itself is judged by code, and there are no expectations to judge it by again. */
const unjudged = ({ id, registered }: Asked): readonly Found[] =>
  registered?.by === 'harness'
    ? []
    : [
        {
          code: 'evidence-not-judgeable',
          message: `${id} left no object that can be judged again.`,
        },
      ];

function wrongBoundary(asked: Asked): Found {
  const wanted = boundaryOf(asked);
  const touched = asked.check.touched.join(', ') || 'nothing';
  const message = `${asked.id} is about ${wanted} and touched ${touched}.`;
  return { code: 'wrong-boundary', part: wanted, message };
}

function judgedReasons(asked: Asked, judged: Judged): readonly Found[] {
  const { id, check, summary, registered } = asked;
  const found: Found[] = [];
  if (judged.verdict !== 'passed') {
    const message = `${id} says passed; judged again it is ${judged.verdict}: ${judged.reasons.join(', ')}.`;
    found.push({ code: 'verdict-mismatch', message });
  } else if (
    registered !== undefined &&
    // Expectations of an app's own check stand in its module, which the run is bound to.
    registered.by === undefined &&
    expectDigestOf([...sadExpectations(asked), ...registered.expect]) !== judged.expectDigest
  ) {
    const message = `${id} was judged by other expectations than those of register and scenario.`;
    found.push({ code: 'verdict-mismatch', message });
  }
  if (beforeIsMissing(check, judged, summary))
    found.push({
      code: 'pre-state-not-observed',
      message: `${id} compares with a state that was not observed before ${check.after}.`,
    });
  if (isOnlyInput(judged, summary))
    found.push({
      code: 'evidence-is-input',
      message: `${id} read nothing but what a fixture had written.`,
    });
  return found;
}

function sadExpectations({ index, scenario, id }: Asked): readonly Expectation[] {
  const sad = index.pack.scenarios.get(scenario)?.expectedFailure;
  return sad?.check === id ? sad.expect : [];
}

function beforeIsMissing(
  { after }: CheckSummary,
  { asksBefore, sources }: Judged,
  { operations }: BundleSummary,
): boolean {
  if (!asksBefore) return false;
  const started = operations[after]?.startedSeq;
  return started === undefined || !sources.some(({ call }) => call < started);
}

/** Every source reads a file, and what it read is what a fixture had put there. */
function isOnlyInput({ sources }: Judged, { fixtures }: BundleSummary): boolean {
  if (sources.length === 0) return false;
  const written = new Set(
    Object.values(fixtures).flatMap(({ applied }) => digestsIn(applied?.details ?? {})),
  );
  return sources.every(
    ({ transport, output }) =>
      !isLiveTransport(transport) && written.has(output.replace(/^sha256:/, '')),
  );
}

const digest = /^[0-9a-f]{64}$/;
const digestsMax = 1000;

function digestsIn(details: Json): readonly string[] {
  const found: string[] = [];
  const waiting: Json[] = [details];
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    if (typeof each === 'string' && digest.test(each)) found.push(each);
    if (typeof each === 'object' && each !== null) waiting.push(...Object.values(each));
    if (found.length >= digestsMax) break;
  }
  return found;
}

const isPackFile = ({ check, index }: Asked): boolean =>
  check.evidence.some(({ sha256 }) => index.pack.fileDigests.has(sha256));

const inputFile = ({ id }: Asked): Found => ({
  code: 'evidence-is-input',
  message: `${id} keeps a file of the pack as its evidence.`,
});
