// JUnit XML as Jenkins, GitLab and most dashboards read it. The format knows passed, failure, error
// and skipped only, so `not-run` and `inconclusive` are errors: whatever is not evidence is not green.

import type { CheckState, RunState } from '../evidence/run-state.ts';
import type { Verdict } from '../evidence/verdict.ts';
import { inline } from './neutralise.ts';
import {
  countVerdicts,
  groupChecks,
  isUnexplained,
  reasonText,
  runDurationMs,
  runVerdictCase,
  type CheckGroup,
} from './overview.ts';
import { element, xmlDocument, type Xml } from './xml.ts';

type Suite = { readonly markup: Xml; readonly totals: Totals };
type Totals = {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
};

/** One suite per operation, one case per check; ends in a line break. */
export function renderJunit(state: RunState): string {
  const groups = groupChecks(state).filter(({ checks }) => checks.length > 0);
  const suites = [
    ...groups.map((group) => suiteOf(group, state)),
    ...(isUnexplained(state) ? [verdictSuite(state)] : []),
  ];
  const { tests, failures, errors } = suites.map(({ totals }) => totals).reduce(add, none);
  const attributes = {
    name: `${inline(state.started.app)} ${inline(state.started.scenario)}`,
    tests,
    failures,
    errors,
    time: seconds(runDurationMs(state)),
  };
  return xmlDocument(
    element(
      'testsuites',
      attributes,
      suites.map(({ markup }) => markup),
    ),
  );
}

const none: Totals = { tests: 0, failures: 0, errors: 0, skipped: 0 };

const add = (a: Totals, b: Totals): Totals => ({
  tests: a.tests + b.tests,
  failures: a.failures + b.failures,
  errors: a.errors + b.errors,
  skipped: a.skipped + b.skipped,
});

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);

function suiteOf(group: CheckGroup, state: RunState): Suite {
  const counts = countVerdicts(group.checks);
  const totals = {
    tests: group.checks.length,
    failures: counts.failed,
    errors: counts.error + counts['not-run'] + counts.inconclusive,
    skipped: counts.skipped,
  };
  const durationMs = group.checks.reduce((sum, check) => sum + (check.durationMs ?? 0), 0);
  const cases = group.checks.map((check) => caseOf(check, state));
  const markup = suite(state, {
    name: group.name,
    totals,
    startedAt: group.operation?.startedAt ?? state.startedAt,
    durationMs,
    content: [...cases, ...outcome(group)],
  });
  return { markup, totals };
}

function suite(
  { started, head, verdict, exitCode, deployments }: RunState,
  facts: {
    readonly name: string;
    readonly totals: Totals;
    readonly startedAt: string;
    readonly durationMs: number;
    readonly content: readonly Xml[];
  },
): Xml {
  const properties = {
    'seatrial.run': started.run,
    'seatrial.chain-head': head,
    'seatrial.verdict': verdict,
    'seatrial.exit-code': exitCode,
    'seatrial.deployments': deployments,
    'seatrial.base': 'skipped' in started.base ? 'none' : started.base.digest,
    'seatrial.head': started.head.digest,
  };
  const attributes = {
    name: `${inline(started.app)}.${inline(facts.name)}`,
    ...facts.totals,
    time: seconds(facts.durationMs),
    // The format's times are UTC without saying so.
    timestamp: facts.startedAt.slice(0, 19),
    hostname: inline(started.host.name),
  };
  const listed = Object.entries(properties).map(([name, value]) =>
    element('property', { name, value: inline(String(value)) }),
  );
  return element('testsuite', attributes, [element('properties', {}, listed), ...facts.content]);
}

function caseOf(check: CheckState, { started }: RunState): Xml {
  const attributes = {
    name: inline(check.id),
    classname: `${inline(started.app)}.${inline(check.after)}`,
    time: seconds(check.durationMs ?? 0),
  };
  const evidence = check.evidence.map(({ path, sha256 }) => `${path} sha256:${sha256}`);
  const message = check.skip === undefined ? check.message : check.skip.reason;
  const body = [check.title, message, ...evidence].join('\n');
  return element('testcase', attributes, [
    ...answer(check.verdict, message, body),
    ...(check.verdict === 'passed' ? [element('system-out', {}, body)] : []),
  ]);
}

function answer(verdict: Verdict, message: string, body: string): readonly Xml[] {
  if (verdict === 'passed') return [];
  if (verdict === 'skipped') return [element('skipped', { message: inline(message) })];
  const name = verdict === 'failed' ? 'failure' : 'error';
  return [element(name, { type: verdict, message: inline(message) }, body)];
}

function outcome({ operation }: CheckGroup): readonly Xml[] {
  if (operation === undefined) return [];
  const parts = [operation.outcome, operation.cause, operation.message];
  return [element('system-out', {}, parts.filter((part) => part !== undefined).join(': '))];
}

/** The case that turns a report red when the run is not green for a reason that no check has. */
function verdictSuite(state: RunState): Suite {
  const isFailed = state.verdict === 'failed';
  const totals = { ...none, tests: 1, failures: isFailed ? 1 : 0, errors: isFailed ? 0 : 1 };
  const reason = reasonText(state);
  const attributes = {
    name: runVerdictCase,
    classname: `${inline(state.started.app)}.verdict`,
    time: seconds(0),
  };
  const markup = suite(state, {
    name: 'verdict',
    totals,
    startedAt: state.startedAt,
    durationMs: 0,
    content: [element('testcase', attributes, answer(state.verdict, reason, reason))],
  });
  return { markup, totals };
}
