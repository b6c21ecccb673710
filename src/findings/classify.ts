// Findings grouped by what went wrong. The same input gives the same bytes apart from the time.

import {
  applySuppressions,
  type Applied,
  type ApplyOptions,
  type Candidate,
} from './apply-suppressions.ts';
import { tallyCauses, type Cause } from './causes.ts';
import { categoryOf, countByClass, rateOf } from './classes.ts';
import type { Classification, ClassifiedFinding, Workflow } from './classification-schema.ts';
import {
  documentedFingerprint,
  fingerprintOf,
  makeCollisionGuard,
  referenceFingerprint,
} from './fingerprint.ts';
import type { Finding, Intake, Subject } from './finding.ts';
import { leadOf } from './leading.ts';
import { compareText } from './order.ts';
import type { Entry } from './suppression.ts';
import { suppressionWarnings } from './suppression-warnings.ts';

export type ClassifyOptions = ApplyOptions & {
  /** RFC 3339, UTC. */
  readonly timestamp: string;
  readonly suppressions: readonly Entry[];
  /** What categories are called: by their words, or by the names of the codes. */
  readonly categories: 'word' | 'code-name';
};

export type Classified = {
  readonly classification: Classification;
  /** Fingerprints that two different findings share. When there is any, the result must not be used. */
  readonly collisions: readonly string[];
};

type Printed = {
  readonly finding: Finding;
  readonly fingerprint: string;
  readonly cause: Cause;
};
type PrintedSubject = {
  readonly subject: Subject;
  readonly findings: readonly Printed[];
  readonly reference: string | undefined;
};

const examplesMax = 5;

export function classify(intake: Intake, options: ClassifyOptions): Classified {
  const guard = makeCollisionGuard();
  const causes = tallyCauses();
  const printed = intake.subjects.map((subject): PrintedSubject => ({
    subject,
    reference:
      subject.reference === undefined ? undefined : referenceFingerprint(subject.reference),
    findings: subject.findings.map((finding) => {
      const identity = fingerprintOf(finding);
      guard.add(identity);
      const cause = causes.count(finding, identity.message);
      return { finding, fingerprint: identity.fingerprint, cause };
    }),
  }));
  const applied = applySuppressions(options.suppressions, candidatesOf(printed), options);
  const workflows = printed.map((each) => workflowOf(each, applied, options));
  const summary = summaryOf(intake, { workflows, applied, causes: causes.most() }, options);
  return { classification: { workflows, summary }, collisions: guard.collisions() };
}

function* candidatesOf(printed: readonly PrintedSubject[]): Generator<Candidate> {
  for (const subject of printed)
    for (const each of subject.findings) yield candidateOf(each, subject);
}

const candidateOf = (
  { finding, fingerprint }: Printed,
  { subject, reference }: PrintedSubject,
): Candidate => ({
  fingerprint,
  rule: finding.rule,
  subject: subject.path,
  referenceFingerprint: reference,
});

function workflowOf(printed: PrintedSubject, applied: Applied, options: ClassifyOptions): Workflow {
  const { subject } = printed;
  const findings = printed.findings.map((each) => {
    const isOpen = options.suppressions.length === 0;
    return classifiedFinding(
      each,
      isOpen ? undefined : applied.entryFor(candidateOf(each, printed)),
    );
  });
  const { ok, error, code, code_name, line, fingerprint, column, rule } = leadOf(findings);
  const suppressed = !ok && findings.every((each) => each.suppressed);
  const { signature_verified, risk_score, dialect, digest } = factsOf(subject);
  const { path, phase, source, reference } = subject;
  return {
    path,
    ok,
    category: categoryName(code_name, { rule, suppressed }, options),
    error,
    signature_verified,
    risk_score,
    code,
    code_name,
    phase,
    line,
    fingerprint,
    suppressed,
    column,
    rule,
    dialect,
    fingerprint_reference: printed.reference ?? null,
    fingerprint_documented: reference === undefined ? null : documentedFingerprint(reference),
    digest,
    source,
    findings,
  };
}

const factsOf = ({ signatureVerified, riskScore, dialect, digest }: Subject) => ({
  signature_verified: signatureVerified ?? null,
  risk_score: riskScore ?? null,
  dialect: dialect ?? null,
  digest: digest ?? null,
});

function classifiedFinding(
  { finding, fingerprint, cause }: Printed,
  entry: Entry | undefined,
): ClassifiedFinding {
  const { rule, place, class: name, message } = finding;
  const found: ClassifiedFinding = {
    rule,
    line: place?.line ?? null,
    column: place?.column ?? null,
    class: name,
    message,
    fingerprint,
    suppressed: entry !== undefined,
  };
  if (entry === undefined) return found;
  found.reason = entry.reason;
  cause.suppressed += 1;
  return found;
}

function categoryName(
  name: string,
  { rule, suppressed }: { readonly rule: string | null; readonly suppressed: boolean },
  { categories }: ClassifyOptions,
): string {
  const word = categories === 'code-name' ? name : categoryOf(name, rule ?? '');
  return suppressed ? `Suppressed-${word}` : word;
}

type Judged = {
  readonly workflows: readonly Workflow[];
  readonly applied: Applied;
  readonly causes: readonly Cause[];
};

function summaryOf(
  intake: Intake,
  { workflows, applied, causes }: Judged,
  { timestamp, today }: ClassifyOptions,
): Classification['summary'] {
  const failed = workflows.filter(({ ok }) => !ok);
  const suppressed = failed.filter((each) => each.suppressed).length;
  const uses = applied.uses();
  const findings = workflows.reduce((sum, each) => sum + each.findings.length, 0);
  return {
    total: workflows.length,
    failed: failed.length,
    failure_rate: rateOf(failed.length, workflows.length),
    suppressed_failures: suppressed,
    categories: categoriesOf(failed),
    timestamp,
    unsuppressed_failures: failed.length - suppressed,
    by_code: countByClass(workflows.map((each) => each.code_name)),
    by_dialect: countDialects(workflows),
    checker: intake.checker,
    schema: 'seatrial.classification/v1',
    inputs: [...intake.kinds],
    findings,
    causes: [...causes],
    suppressed_findings: uses.reduce((sum, use) => sum + use.findings, 0),
    waived: intake.waived,
    flaky: [...intake.flaky],
    suppressions: [...suppressionWarnings(uses, findings, today)],
    ...(intake.limited === undefined ? {} : { limited: intake.limited }),
  };
}

/** By count, then name; the examples are the first in path order. */
function categoriesOf(failed: readonly Workflow[]): Classification['summary']['categories'] {
  const groups = new Map<string, { count: number; examples: string[] }>();
  for (const { category, path } of failed) {
    const group = groups.get(category) ?? { count: 0, examples: [] };
    group.count += 1;
    if (group.examples.length < examplesMax) group.examples.push(path);
    groups.set(category, group);
  }
  return Object.fromEntries(
    [...groups].sort(([a, one], [b, other]) => other.count - one.count || compareText(a, b)),
  );
}

function countDialects(workflows: readonly Workflow[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { dialect } of workflows)
    if (dialect !== null) counts.set(dialect, (counts.get(dialect) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => compareText(a, b)));
}
