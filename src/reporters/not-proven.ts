// What a reader might believe after a green run although nothing in it shows so.

import type { CheckState, OperationState, RunState } from '../evidence/run-state.ts';
import { count } from './measures.ts';

/** Sentences, most important first; never empty, since no run proves everything. */
export function notProven(state: RunState): readonly string[] {
  return [...aboutTheRun(state), ...aboutOperations(state), ...aboutTheApp(state)];
}

function aboutTheRun({ started, ended }: RunState): readonly string[] {
  return [
    ...(started.canary === undefined
      ? []
      : [`The app: this run carried the planted fault \`${started.canary}\`.`]),
    ...(started.driver.fake ? ['Anything about a real deployment: the driver was a fake.'] : []),
    ...(ended === undefined ? ['Whatever came after the last record: the run has no end.'] : []),
    ...(started.selection === 'partial'
      ? ['What a full run shows: only a part of the operations was asked for.']
      : []),
    ...('skipped' in started.base
      ? [`An upgrade from a published release: ${started.base.skipped}.`]
      : []),
  ];
}

function aboutOperations({ operations, checks }: RunState): readonly string[] {
  const isDone = (operation: OperationState): boolean => operation.outcome === 'done';
  const left = operations.filter((operation) => !isDone(operation));
  const skipped = checks.filter(({ verdict }) => verdict === 'skipped').length;
  const emptyHost = operations.some(
    (operation) => operation.name === 'install' && operation.stage === 'head' && isDone(operation),
  );
  return [
    ...left.map(
      ({ name, outcome, skip }) =>
        `The operation ${name}: ${outcome}${skip === undefined ? '' : ` (${skip.reason})`}.`,
    ),
    ...(skipped > 0 ? [`What ${count(skipped, 'skipped check')} would have shown.`] : []),
    ...(emptyHost
      ? []
      : ['Installation of the code under test on an empty host: that is a run of `fresh`.']),
  ];
}

function aboutTheApp({ operations, checks }: RunState): readonly string[] {
  const own = checks.filter(isOwnAndPassed);
  const verified = own.filter(({ after }) => after === 'restore' || after === 'upgrade').length;
  const backedUp = operations.some(({ name, outcome }) => name === 'backup' && outcome === 'done');
  return [
    verified === 0
      ? 'Rows inside a database: no check of the app’s own looked at them after upgrade or restore.'
      : `Rows inside a database beyond what ${count(verified, 'check')} of the app’s own asked for.`,
    own.length === 0
      ? 'Behaviour beyond answering: the app brought no checks of its own that passed.'
      : `Behaviour beyond answering and what ${count(own.length, 'check')} of the app’s own asked for.`,
    ...(backedUp ? ['Volumes outside the backup scope.'] : []),
  ];
}

const isOwnAndPassed = ({ source, verdict }: CheckState): boolean =>
  (source === 'overlay' || source === 'scenario') && verdict === 'passed';
