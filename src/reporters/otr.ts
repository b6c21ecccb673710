// Open Test Reporting XML, hierarchy format 0.2.0: run → operations → checks. The format has
// SUCCESSFUL, SKIPPED, ABORTED and FAILED; whatever could not be judged is ABORTED.

import type { CheckState, OperationState, RunState } from '../evidence/run-state.ts';
import type { Verdict } from '../evidence/verdict.ts';
import { combine } from '../evidence/verdict.ts';
import { inline } from './neutralise.ts';
import {
  groupChecks,
  reasonText,
  releaseName,
  runDurationMs,
  type CheckGroup,
} from './overview.ts';
import { element, xmlDocument, type Xml } from './xml.ts';

const namespaces = {
  'xmlns:h': 'https://schemas.opentest4j.org/reporting/hierarchy/0.2.0',
  'xmlns:c': 'https://schemas.opentest4j.org/reporting/core/0.2.0',
};

const statuses: Readonly<Record<Verdict, string>> = {
  passed: 'SUCCESSFUL',
  skipped: 'SKIPPED',
  failed: 'FAILED',
  error: 'ABORTED',
  'not-run': 'ABORTED',
  inconclusive: 'ABORTED',
};

/** The document, ending in a line break. */
export function renderOtr(state: RunState): string {
  const { host, app, scenario } = state.started;
  const infrastructure = element('c:infrastructure', {}, [
    element('c:hostName', {}, inline(host.name)),
    element('c:operatingSystem', {}, inline(`${host.os} ${host.kernel} ${host.arch}`)),
  ]);
  const root = element(
    'h:root',
    {
      name: `${inline(app)} ${inline(scenario)}`,
      start: state.startedAt,
      duration: xmlDuration(runDurationMs(state)),
    },
    [
      attachments([facts(state, runFacts(state))]),
      result(state.verdict, state.verdict === 'passed' ? undefined : reasonText(state)),
      ...groupChecks(state)
        .filter(({ checks, operation }) => checks.length > 0 || operation !== undefined)
        .map((group) => groupOf(group, state)),
    ],
  );
  return xmlDocument(element('h:execution', namespaces, [infrastructure, root]));
}

const runFacts = ({ started, head, exitCode, deployments }: RunState) => ({
  run: started.run,
  'chain-head': head,
  'exit-code': String(exitCode),
  deployments: String(deployments),
  base: 'skipped' in started.base ? `none: ${started.base.skipped}` : releaseName(started.base),
  head: releaseName(started.head),
  'head-digest': started.head.digest,
});

function groupOf({ name, operation, checks }: CheckGroup, state: RunState): Xml {
  const start = operation?.startedAt ?? state.startedAt;
  const verdict = groupVerdict(operation, checks);
  return element(
    'h:child',
    { name: inline(name), start, duration: optionalDuration(operation?.durationMs) },
    [
      result(verdict, verdict === 'passed' ? undefined : operationReason(operation)),
      ...checks.map((check) => checkNode(check, start)),
    ],
  );
}

function operationReason(operation: OperationState | undefined): string | undefined {
  if (operation === undefined) return undefined;
  const { outcome, cause, message, skip } = operation;
  return [outcome, cause, message, skip?.reason].filter((part) => part !== undefined).join(': ');
}

/** Checks alone do not tell: an operation that failed or never ended is not successful. */
function groupVerdict(
  operation: OperationState | undefined,
  checks: readonly CheckState[],
): Verdict {
  const own: Verdict | undefined = operation && outcomeVerdicts[operation.outcome];
  if (own === 'skipped' && checks.every(({ verdict }) => verdict === 'skipped')) return 'skipped';
  return combine([...(own === undefined ? [] : [own]), ...checks.map(({ verdict }) => verdict)]);
}

const outcomeVerdicts: Readonly<Record<OperationState['outcome'], Verdict>> = {
  done: 'passed',
  failed: 'failed',
  error: 'error',
  'timed-out': 'error',
  interrupted: 'not-run',
  unfinished: 'not-run',
  'not-run': 'not-run',
  skipped: 'skipped',
};

function checkNode(check: CheckState, fallback: string): Xml {
  const start = check.startedAt ?? fallback;
  const tags = [check.verdict, check.boundary, check.source].map((tag) =>
    element('c:tag', {}, inline(tag)),
  );
  const files = check.evidence.map(({ sha256 }) =>
    element('c:file', {
      time: check.endedAt ?? start,
      path: `objects/${sha256.slice(0, 2)}/${sha256}`,
    }),
  );
  const reason = check.skip === undefined ? check.message : check.skip.reason;
  return element(
    'h:child',
    { name: inline(check.id), start, duration: optionalDuration(check.durationMs) },
    [
      element('c:metadata', {}, [element('c:tags', {}, tags)]),
      ...(files.length === 0 ? [] : [attachments(files)]),
      result(check.verdict, check.verdict === 'passed' ? undefined : reason),
    ],
  );
}

const attachments = (content: readonly Xml[]): Xml => element('c:attachments', {}, content);

const facts = ({ startedAt }: RunState, entries: Readonly<Record<string, string>>): Xml =>
  element(
    'c:data',
    { time: startedAt },
    Object.entries(entries).map(([key, value]) => element('c:entry', { key }, inline(value))),
  );

const result = (verdict: Verdict, reason: string | undefined): Xml =>
  element(
    'c:result',
    { status: statuses[verdict] },
    reason === undefined ? [] : [element('c:reason', {}, `${verdict}: ${reason}`)],
  );

const xmlDuration = (milliseconds: number): string => `PT${(milliseconds / 1000).toFixed(3)}S`;

const optionalDuration = (milliseconds: number | undefined): string | undefined =>
  milliseconds === undefined ? undefined : xmlDuration(milliseconds);
