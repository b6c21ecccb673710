import type { OperationName, Plan, PlannedOperation } from './plan.ts';

/** What a run does, whether every app has it or a file says so. */
export type RunScenario = {
  readonly id: string;
  readonly title: string;
  /** In order, `remove` last. */
  readonly operations: readonly OperationName[];
  /** Whether it starts from the base release; otherwise head is installed on nothing. */
  readonly fromBase: boolean;
  readonly text: Required<Plan['scenario']>['text'];
  /** Limits that replace those of the manifest's timeouts. */
  readonly budgetsMs?: Readonly<Partial<Record<OperationName, number>>>;
  /** What the operations `custom-<id>` run. */
  readonly actions?: Readonly<Partial<Record<OperationName, PlannedOperation['action']>>>;
};

export type BuiltInScenario = RunScenario & { readonly id: 'lifecycle' | 'fresh' };

/**
 * The scenarios that every app has. `fresh` is a run of its own: with one deployment a run, a lifecycle
 * never installs head on an empty host, so a release asks for both.
 */
export const builtInScenarios: readonly BuiltInScenario[] = [
  {
    id: 'lifecycle',
    title: 'One deployment lives through its whole life',
    operations: ['install', 'upgrade', 'backup', 'restore', 'rebuild', 'custom', 'remove'],
    fromBase: true,
    text: {
      given: ['The last published release is installed.'],
      when: [
        'It is upgraded to the code under test, backed up, destroyed, restored and rebuilt in place.',
      ],
      then: ['It serves after every step, keeps its data, and leaves nothing behind.'],
    },
  },
  {
    id: 'fresh',
    title: 'The code under test installs on an empty host',
    operations: ['install', 'custom', 'remove'],
    fromBase: false,
    text: {
      given: ['Nothing of the app is on the host.'],
      when: ['The code under test is installed.'],
      then: ['It serves, and leaves nothing behind when it is removed.'],
    },
  },
];

export function builtInScenario(id: string): BuiltInScenario | undefined {
  return builtInScenarios.find((each) => each.id === id);
}
