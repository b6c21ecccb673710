// Warnings: they never change the exit code unless `--deny-warnings` is given.

import type { Rule } from './rule.ts';

const goal = 'goal: "x"\n';
const parallel = 'parallel:\n  a: reflect()\n';

export const warningRules = {
  W_FILE_NAME: {
    class: 0,
    title: 'The file name does not end in `.aether`.',
    text: 'Tools that walk folders will not find it.',
    bad: goal,
    good: goal,
    demo: { how: 'told' },
  },
  W_LEX_ESCAPE: {
    class: 0,
    title: 'A backslash begins no escape.',
    text: 'Both characters are kept; write `\\\\` for a backslash.',
    bad: 'goal: "C:\\d"\n',
    good: 'goal: "C:\\\\d"\n',
  },
  W_BARE_TEXT: {
    class: 0,
    title: 'Text stands without quotes.',
    text: 'Flat files may do so; `migrate --enable quote-text` puts it in quotes.',
    bad: 'goal: ship it\n',
    good: 'goal: "ship it"\n',
  },
  W_GOAL_MULTIPLE: {
    class: 0,
    title: 'The script has more than one goal.',
    text: 'The first counts.',
    bad: `${goal}goal: "y"\n`,
    good: goal,
  },
  W_NAME_MAYBE: {
    class: 0,
    title: 'A name is defined on some branches only.',
    text: 'Reading it fails where the branch was not taken.',
    bad: `${goal}if memory:\n  a: 1\nsummarize(a)\n`,
    good: `${goal}if memory:\n  a: 1\nelse:\n  a: 2\nsummarize(a)\n`,
  },
  W_AWAIT_TWICE: {
    class: 0,
    title: 'A parallel result is awaited twice.',
    text: 'The second time does nothing.',
    bad: `${goal}${parallel}await a\nawait a\n`,
    good: `${goal}${parallel}await a\n`,
  },
  W_AWAIT_NEVER: {
    class: 0,
    title: 'A parallel result is never awaited.',
    text: 'It is joined at the end of the script, and its failure counts.',
    bad: `${goal}${parallel}`,
    good: `${goal}${parallel}await a\n`,
  },
  W_KEY_UNKNOWN: {
    class: 0,
    title: 'The policy has a key that means nothing.',
    text: 'It has no effect.',
    bad: `${goal}policy:\n  risk_bugdet: 0.1\n`,
    good: `${goal}policy:\n  risk_budget: 0.1\n`,
  },
  W_RULE_CLASS: {
    class: 0,
    title: 'A rule waits for a class of error that nobody raises.',
    text: 'Classes: Timeout PermissionError ServiceMissing CallError TypeError BudgetError Error.',
    bad: `${goal}on_error:\n  - when: TimeOut\n    do: reflect()\n`,
    good: `${goal}on_error:\n  - when: Timeout\n    do: reflect()\n`,
  },
  W_UNREACHABLE: {
    class: 0,
    title: 'A statement can never be reached.',
    text: 'It stands behind `stop_execution()` or in the dead branch of a literal condition.',
    bad: `${goal}stop_execution()\nreflect()\n`,
    good: `${goal}reflect()\nstop_execution()\n`,
  },
  W_TYPE_HINT: {
    class: 0,
    title: 'A literal does not fit its type hint.',
    text: 'Known hints: String Number Int Bool Null List Dict Duration; others are free.',
    bad: `${goal}x: Int = "a"\n`,
    good: `${goal}x: Int = 1\n`,
  },
} as const satisfies Record<string, Rule>;
