// Common Test Report Format. It has no word for a testbed's fault: `error`, `not-run` and
// `inconclusive` are `other`, so that no consumer counts them as passed or as harmlessly pending.

import type { CheckState, RunState } from '../evidence/run-state.ts';
import type { Verdict } from '../evidence/verdict.ts';
import { jsonText } from './json-text.ts';
import { epochMs } from './measures.ts';
import { block, inline } from './neutralise.ts';
import {
  groupChecks,
  isUnexplained,
  reasonText,
  releaseName,
  runDurationMs,
  runVerdictCase,
} from './overview.ts';

const statuses = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  error: 'other',
  'not-run': 'other',
  inconclusive: 'other',
} as const satisfies Record<Verdict, string>;

/** The document, ending in a line break. */
export function renderCtrf(state: RunState): string {
  const { started } = state;
  const cases = [
    ...groupChecks(state).flatMap(({ checks }) => checks.map((check) => caseOf(check, state))),
    ...(isUnexplained(state) ? [verdictCase(state)] : []),
  ];
  const report = {
    reportFormat: 'CTRF',
    specVersion: '0.0.0',
    timestamp: state.endedAt ?? state.lastAt,
    generatedBy: `seatrial ${inline(started.tool.version)}`,
    results: {
      tool: { name: 'seatrial', version: inline(started.tool.version) },
      summary: summaryOf(cases, state),
      tests: cases,
      environment: environmentOf(state),
    },
  };
  return jsonText(report);
}

type Case = ReturnType<typeof caseOf> | ReturnType<typeof verdictCase>;

function summaryOf(cases: readonly Case[], state: RunState) {
  const of = (status: string): number => cases.filter((each) => each.status === status).length;
  const start = epochMs(state.startedAt) ?? 0;
  return {
    tests: cases.length,
    passed: of('passed'),
    failed: of('failed'),
    skipped: of('skipped'),
    pending: 0,
    other: of('other'),
    start,
    stop: start + runDurationMs(state),
    extra: { verdict: state.verdict, exitCode: state.exitCode, deployments: state.deployments },
  };
}

function caseOf(check: CheckState, { started }: RunState) {
  const start = epochMs(check.startedAt);
  const stop = epochMs(check.endedAt);
  const message = block(check.skip === undefined ? check.message : check.skip.reason);
  return {
    name: nonEmpty(check.id),
    status: statuses[check.verdict],
    duration: Math.round(check.durationMs ?? 0),
    ...(start === undefined ? {} : { start }),
    ...(stop === undefined ? {} : { stop }),
    suite: [nonEmpty(started.app), nonEmpty(check.after)],
    ...(message === '' ? {} : { message }),
    rawStatus: check.verdict,
    tags: [check.boundary, check.source],
    type: 'acceptance',
    ...(check.evidence.length === 0 ? {} : { attachments: check.evidence.map(attachmentOf) }),
    extra: { title: block(check.title) },
  };
}

const attachmentOf = ({ path, sha256, mediaType }: CheckState['evidence'][number]) => ({
  name: inline(path),
  contentType: inline(mediaType),
  path: `objects/${sha256.slice(0, 2)}/${sha256}`,
  extra: { sha256 },
});

/** The case that keeps a report from looking green when no check says why the run is not. */
const verdictCase = (state: RunState) => ({
  name: runVerdictCase,
  status: statuses[state.verdict],
  duration: 0,
  suite: [nonEmpty(state.started.app), 'verdict'],
  message: block(reasonText(state)),
  rawStatus: state.verdict,
  type: 'acceptance',
});

const environmentOf = ({ started, head, verdict }: RunState) => ({
  reportName: inline(`${started.app} ${started.scenario}`),
  appName: inline(started.app),
  appVersion: inline(releaseName(started.head)),
  buildId: inline(started.run),
  ...(started.head.commit === undefined ? {} : { commit: inline(started.head.commit) }),
  osPlatform: inline(started.host.os),
  osRelease: inline(started.host.kernel),
  testEnvironment: inline(started.instance),
  healthy: verdict === 'passed',
  extra: {
    chainHead: head,
    driver: started.driver.kind,
    base: 'skipped' in started.base ? null : started.base.digest,
    head: started.head.digest,
  },
});

/** The format wants at least one character in a name. */
const nonEmpty = (text: string): string => inline(text) || '(unnamed)';
