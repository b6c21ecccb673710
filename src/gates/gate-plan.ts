// What a gate run is going to ask, fixed before it begins: expected checks and, for every gate, why
// it is not asked when it is not.

import type { ExpectedCheck, Skip } from '../evidence/record.ts';
import type { GateCheck } from './check-schema.ts';
import type { Gate, GatesFile } from './gate-schema.ts';

export type PlannedGate = {
  readonly name: string;
  readonly gate: Gate;
  readonly skip?: Skip;
};

const slug = (gate: string): string => gate.replaceAll('_', '-');
export const leakCheck = (gate: string): string => `gate.runner.leak.${slug(gate)}`;
export const manualCheck = (gate: string): string => `gate.manual.${slug(gate)}`;

const boundaries: Readonly<Partial<Record<GateCheck['kind'], ExpectedCheck['boundary']>>> = {
  http: 'http',
  sse: 'http',
  'network-policy': 'gateway',
  command: 'host-cli',
};

export const boundaryOf = (kind: GateCheck['kind']): ExpectedCheck['boundary'] =>
  boundaries[kind] ?? 'state';

export function planGates(
  file: GatesFile,
  {
    selected,
    live,
  }: {
    /** Names; undefined = all. */
    readonly selected?: readonly string[] | undefined;
    /** A running system is judged instead of one that each gate starts. */
    readonly live: boolean;
  },
): readonly PlannedGate[] {
  return Object.entries(file.gates).map(([name, gate]) => {
    if (selected !== undefined && !selected.includes(name))
      return { name, gate, skip: { kind: 'not-asked', reason: 'not selected' } };
    const why = live ? whyNotLive(gate) : undefined;
    return why === undefined
      ? { name, gate }
      : { name, gate, skip: { kind: 'structural', reason: why } };
  });
}

/** Why a gate may not judge a running system; undefined when it may. */
function whyNotLive({ live, env, put, stub, checks }: Gate): string | undefined {
  if (live === 'safe') return undefined;
  if (live === 'never') return 'the gate never judges a running system';
  const planted = [{ env, put, stub }, ...checks];
  if (planted.some((each) => each.env ?? each.put ?? each.stub))
    return 'it needs a target that it starts itself';
  const writing = checks.find((check) => 'request' in check && writes(check.request));
  return writing === undefined ? undefined : `${writing.id} may change the running system`;
}

const writes = (request: object): boolean =>
  ['post', 'put', 'patch', 'delete'].some((method) => method in request);

export function expectedChecks(gates: readonly PlannedGate[]): readonly ExpectedCheck[] {
  return gates.flatMap(({ name, gate, skip }) => {
    const common = { after: name, source: 'scenario' as const, ...(skip ? { skip } : {}) };
    return [
      ...gate.checks.map((check) => ({
        ...common,
        id: check.id,
        boundary: boundaryOf(check.kind),
        title: check.title ?? check.id,
      })),
      {
        ...common,
        id: leakCheck(name),
        boundary: 'driver' as const,
        title: 'Nothing of the gate is left behind',
      },
      ...(gate.manual === undefined
        ? []
        : [
            {
              ...common,
              id: manualCheck(name),
              boundary: 'host-cli' as const,
              title: 'A named person confirmed it',
            },
          ]),
    ];
  });
}
