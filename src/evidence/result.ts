import type { RunState } from './run-state.ts';

export const resultSchema = 'seatrial.result/v1';

/**
 * `result.json`: what other programs read of a run. A projection of the journal up to record number
 * `records`; `complete` says whether the run has ended. Members without a value are absent.
 */
export function renderResult(state: RunState): string {
  const { started, checks, operations, undos, resources } = state;
  const result = {
    schema: resultSchema,
    run: started.run,
    app: started.app,
    instance: started.instance,
    scenario: started.scenario,
    canary: started.canary,
    selection: started.selection,
    driver: started.driver,
    base: started.base,
    head: started.head,
    planDigest: started.planDigest,
    verdict: state.verdict,
    exitCode: state.exitCode,
    complete: state.ended !== undefined,
    reasons: state.reasons,
    chainHead: state.head,
    records: state.records,
    startedAt: state.startedAt,
    endedAt: state.endedAt,
    outcome: state.ended?.outcome,
    operations: operations.map(({ observations, ...operation }) => ({
      ...operation,
      observations: observations.length,
    })),
    checks,
    undosOpen: undos.filter(({ outcome }) => outcome !== 'restored'),
    resourcesLeft: resources
      .filter((resource) => resource.state !== 'removed')
      .map(({ kind, name, state: reached }) => ({ kind, name, state: reached })),
    notes: state.notes,
    dropped: state.dropped,
    deployments: state.deployments,
  };
  return `${JSON.stringify(result, undefined, 2)}\n`;
}
