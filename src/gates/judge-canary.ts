// Whether a planted fault turned red what it must, and nothing else.

import type { RunState } from '../evidence/run-state.ts';
import type { Gate, GateCanary } from './gate-schema.ts';

export type GateCanaryResult = {
  /** `<gate>/clean`, `<gate>/<fault or planted file>`, or `<gate>/<number>`. */
  readonly id: string;
  readonly gate: string;
  readonly outcome: 'as-demanded' | 'green' | 'could-not-run';
  readonly red: readonly string[];
  readonly message: string;
  readonly run: string;
};

const verdictsOf = ({ checks }: RunState): ReadonlyMap<string, string> =>
  new Map(checks.map(({ id, verdict }) => [id, verdict]));

/** Without a fault every check passes; otherwise its red proves nothing about a fault. */
export function judgeClean(gate: string, { checks }: Gate, state: RunState): GateCanaryResult {
  const verdicts = verdictsOf(state);
  const bad = checks.filter(({ id }) => verdicts.get(id) !== 'passed');
  return {
    ...{ id: `${gate}/clean`, gate, red: [], run: state.started.run },
    outcome: bad.length === 0 ? 'as-demanded' : 'could-not-run',
    message: bad
      .map(({ id }) => `${id} is ${verdicts.get(id) ?? 'not there'} without any fault`)
      .join('; '),
  };
}

export function judgeCanary(
  { id, gate, canary }: { readonly id: string; readonly gate: string; readonly canary: GateCanary },
  { clean, state }: { readonly clean: RunState; readonly state: RunState },
): GateCanaryResult {
  const [before, after] = [verdictsOf(clean), verdictsOf(state)];
  const red = [canary.red].flat();
  const alive = red.filter((check) => after.get(check) !== canary.verdict);
  const free = new Set([...red, ...canary.also]);
  const hurt = state.checks.filter(
    ({ id: check, source }) =>
      source === 'scenario' && !free.has(check) && before.get(check) !== after.get(check),
  );
  const said = (check: string): string => after.get(check) ?? 'not there';
  return {
    ...{ id, gate, run: state.started.run },
    red: red.filter((check) => !alive.includes(check)),
    outcome: outcomeOf(alive.map(said), hurt.length),
    message: [
      ...alive.map((check) => `${check} is ${said(check)}, not ${canary.verdict}`),
      ...hurt.map(({ id: check }) => `${check} is ${said(check)} too`),
    ].join('; '),
  };
}

/** A check that could not be asked has not stayed green; it has not been tried. */
function outcomeOf(alive: readonly string[], hurt: number): GateCanaryResult['outcome'] {
  if (alive.includes('passed') || hurt > 0) return 'green';
  return alive.length === 0 ? 'as-demanded' : 'could-not-run';
}
