// The actions of a scenario file as operations of a run: each once, in an order that can be done.

import { hintAmong, type ScenarioFound as Found } from './scenario-context.ts';
import { durationMs, type Scenario } from './scenario-schema.ts';
import type { OperationName, PlannedOperation } from './plan.ts';
import type { Path } from './yaml-document.ts';

export type ScenarioAction = Scenario['spec']['runtimeActions'][number];

/** How an action's program is found; it is a file beside the scenario. */
export type Programs = {
  /** Hex SHA-256 of the file; undefined when it is absent or lies outside. */
  readonly digestOf: (file: string) => string | undefined;
  /** The file as seen from the folder of the manifest, where programs run. */
  readonly pathOf: (file: string) => string;
};

export const operationOf = ({ id, use }: ScenarioAction): OperationName =>
  use === 'action' ? `custom-${id}` : use;

/** A program is ended at its own time, and its operation only when that did not help. */
const endingMs = 10_000;

export function budgetMsOf({ use, timeout }: ScenarioAction): number {
  return durationMs(timeout) + (use === 'action' ? endingMs : 0);
}

/** What an action runs; undefined for the operations of every app. Asked only of a file without problems. */
export function programOf(
  { use, with: inputs, timeout }: ScenarioAction,
  programs: Programs,
): PlannedOperation['action'] {
  if (use !== 'action') return undefined;
  const [file = '', ...rest] = argvOf(inputs) ?? [];
  const sha256 = programs.digestOf(file);
  return {
    argv: [programs.pathOf(file), ...rest],
    ...(sha256 === undefined ? {} : { sha256 }),
    timeoutMs: durationMs(timeout),
  };
}

function argvOf(inputs: ScenarioAction['with']): readonly string[] | undefined {
  const { argv } = inputs;
  const words = Array.isArray(argv) && argv.length > 0 && argv.every((each) => isWord(each));
  return words ? argv : undefined;
}

const isWord = (value: unknown): value is string => typeof value === 'string' && value !== '';

export function operationProblems(
  actions: readonly ScenarioAction[],
  programs: Programs,
): readonly Found[] {
  return actions.flatMap((action, index) => [
    ...orderProblems(actions, index),
    ...(action.use === 'action'
      ? programProblems(action, index, programs)
      : inputProblems(action, index)),
    ...mustFail(action, index),
  ]);
}

const actionPath = (index: number, ...keys: readonly (string | number)[]): Path => [
  'spec',
  'runtimeActions',
  index,
  ...keys,
];

type Place = {
  readonly use: ScenarioAction['use'];
  readonly before: readonly string[];
  readonly after: readonly string[];
};

const onHead = ['backup', 'restore', 'rebuild'];

/** What an operation builds on; the rest of a run's order is free. The first that is broken is told. */
const orderRules: readonly {
  readonly broken: (place: Place) => boolean;
  readonly message: (use: string) => string;
  readonly hint: string;
}[] = [
  {
    broken: ({ use, before }) => use !== 'action' && before.includes(use),
    message: (use) => `\`${use}\` is done twice.`,
    hint: 'A run does each operation once; a repeat is another scenario.',
  },
  {
    broken: ({ use, before }) => use === 'install' && before.length > 0,
    message: () => '`install` comes after other actions.',
    hint: 'Put it first.',
  },
  {
    broken: ({ use, before }) => use !== 'install' && before.length === 0,
    message: () => 'Nothing is installed before this.',
    hint: 'Begin with `use: install`.',
  },
  {
    broken: ({ use, after }) => use === 'remove' && after.length > 0,
    message: () => '`remove` comes before other actions.',
    hint: 'Put it last, or leave it out.',
  },
  {
    broken: ({ use, before }) => use === 'restore' && !before.includes('backup'),
    message: () => 'There is no backup to restore.',
    hint: 'Put `use: backup` before it.',
  },
  {
    broken: ({ use, after }) => onHead.includes(use) && after.includes('upgrade'),
    message: (use) => `\`${use}\` comes before the upgrade.`,
    hint: 'Put `use: upgrade` before it.',
  },
];

function orderProblems(actions: readonly ScenarioAction[], index: number): readonly Found[] {
  const words = actions.map((each) => each.use);
  const use = words[index] ?? 'action';
  const place = { use, before: words.slice(0, index), after: words.slice(index + 1) };
  const rule = orderRules.find(({ broken }) => broken(place));
  if (rule === undefined) return [];
  const path = actionPath(index, 'use');
  return [{ code: 'SC022', path, message: rule.message(use), hint: rule.hint }];
}

function inputProblems(action: ScenarioAction, index: number): readonly Found[] {
  if (Object.keys(action.with).length === 0) return [];
  return [
    {
      code: 'SC099',
      path: actionPath(index, 'with'),
      message: `Inputs of \`${action.use}\` are not used by this version.`,
      hint: 'Remove them; the manifest says how the app is deployed.',
      onKey: true,
    },
  ];
}

function programProblems(
  { with: inputs }: ScenarioAction,
  index: number,
  programs: Programs,
): readonly Found[] {
  const unknown = Object.keys(inputs)
    .filter((key) => key !== 'argv')
    .map((key) => ({
      code: 'SC002',
      path: actionPath(index, 'with', key),
      message: `The key \`${key.slice(0, 60)}\` is unknown.`,
      hint: hintAmong(key, ['argv']),
      onKey: true as const,
    }));
  const argv = argvOf(inputs);
  const path = actionPath(index, 'with', 'argv');
  if (argv === undefined)
    return [
      ...unknown,
      {
        code: 'SC003',
        path,
        message: '`argv` must be a list of words: a program of this folder and its arguments.',
        hint: 'Write `with: {argv: [migrate.mjs, --all]}`.',
      },
    ];
  const [file = ''] = argv;
  const found: Found[] = [...unknown, ...unfilled(argv, path)];
  if (programs.digestOf(file) === undefined)
    found.push({
      code: 'SC011',
      path: [...path, 0],
      message: 'The program is no file of this folder.',
      hint: 'Create it, or correct the path; it is relative to this file.',
    });
  return found;
}

function unfilled(argv: readonly string[], path: Path): readonly Found[] {
  return argv.flatMap((word, at) =>
    /\{(?:secret|fixture|product)\b/.test(word)
      ? [
          {
            code: 'SC099',
            path: [...path, at],
            message: 'Placeholders of actions are not filled in by this version.',
            hint: 'Programs get the environment of hooks: SEATRIAL_BASE_URL, SEATRIAL_DATA and more.',
          },
        ]
      : [],
  );
}

function mustFail({ expect }: ScenarioAction, index: number): readonly Found[] {
  return expect === undefined || expect.exit === 0
    ? []
    : [
        {
          code: 'SC099',
          path: actionPath(index, 'expect', 'exit'),
          message: 'Actions that must fail are not run by this version.',
          hint: 'Expect 0.',
        },
      ];
}
