// Rules that lead to 25: the file can be read and says something that cannot be meant.

import type { Rule } from './rule.ts';

const goal = 'goal: "x"\n';
const parallel = 'parallel:\n  a: reflect()\n  b: reflect()\n';
const require = 'require:\n  plugins:\n    - "p>=1"\n';

export const callRules = {
  E_CALL_UNKNOWN: {
    class: 25,
    title: 'A function is called that nobody provides.',
    text: 'Every call at every depth is looked up in the registry; a step may also name a required plugin or a contract.',
    bad: `${goal}x: summarize(foo(1))\n`,
    good: `${goal}x: summarize(reflect())\n`,
  },
  E_CALL_ARITY: {
    class: 25,
    title: 'A call has too many or too few arguments.',
    text: 'Hover over the name, or look into the registry, for what the function takes.',
    bad: `${goal}escalate_to()\n`,
    good: `${goal}escalate_to("Ops")\n`,
  },
  E_CALL_KEYWORD: {
    class: 25,
    title: 'A function has no such keyword argument.',
    text: 'Keyword arguments are named after the parameters of the function.',
    bad: `${goal}store(1, tags="x")\n`,
    good: `${goal}store(1, tag="x")\n`,
  },
  E_CALL_KEYWORD_DUP: {
    class: 25,
    title: 'An argument is given twice.',
    text: 'Twice by keyword, or by position and by keyword.',
    bad: `${goal}store(1, "x", tag="x")\n`,
    good: `${goal}store(1, tag="x")\n`,
  },
  E_CALL_ORDER: {
    class: 25,
    title: 'A positional argument follows a keyword argument.',
    text: 'Positions first, then keywords.',
    bad: `${goal}load_logs(tag="x", "y")\n`,
    good: `${goal}load_logs("y", range="x")\n`,
  },
} as const satisfies Record<string, Rule>;

export const nameRules = {
  E_GOAL_MISSING: {
    class: 25,
    title: 'The script has no goal.',
    text: 'A goal at the top level is always required.',
    bad: 'reflect()\n',
    good: `${goal}reflect()\n`,
  },
  E_BLOCK_NESTED: {
    class: 25,
    title: 'A block that belongs at the top level stands inside another.',
    text: '`goal meta policy require plugin_contract on_error` hold for the whole script.',
    bad: `${goal}if memory:\n  meta:\n    a: 1\n`,
    good: `${goal}meta:\n  a: 1\n`,
  },
  E_DUP_BLOCK: {
    class: 25,
    title: '`meta`, `policy` or `require` stands there twice.',
    text: 'Put the pairs together: two blocks could contradict each other.',
    bad: `${goal}meta:\n  a: 1\nmeta:\n  b: 1\n`,
    good: `${goal}meta:\n  a: 1\n  b: 1\n`,
  },
  E_NAME_UNDEFINED: {
    class: 25,
    title: 'A name is read that nothing has defined.',
    text: 'A name is defined from the end of its statement, a loop name inside its block, an alias after its step.',
    bad: `${goal}summarize(logs)\n`,
    good: `${goal}logs: load_logs()\nsummarize(logs)\n`,
  },
  E_NAME_RESERVED: {
    class: 25,
    title: 'A keyword is used as a name.',
    text: 'Keywords: `if elif else for in while await and or not true false null`.',
    bad: `${goal}true: 5\n`,
    good: `${goal}truth: 5\n`,
  },
  E_DUP_KEY: {
    class: 25,
    title: 'A key stands twice in one dict or block of pairs.',
    text: 'The second would silently win.',
    bad: `${goal}metrics({"a": 1, "a": 2})\n`,
    good: `${goal}metrics({"a": 1, "b": 2})\n`,
  },
  E_DUP_ALIAS: {
    class: 25,
    title: 'Two steps of a workflow have one alias.',
    text: 'Name the results apart.',
    bad: `${goal}workflow:\n  - reflect as a\n  - reflect as a\n`,
    good: `${goal}workflow:\n  - reflect as a\n  - reflect as b\n`,
  },
  E_DUP_NAME: {
    class: 25,
    title: 'Two assignments of a parallel block have one name.',
    text: 'They start together, so neither is the last.',
    bad: `${goal}parallel:\n  a: reflect()\n  a: reflect()\nawait a\n`,
    good: `${goal}${parallel}await a, b\n`,
  },
  E_DUP_ID: {
    class: 25,
    title: 'Two contracts have one id.',
    text: 'A step could not say which it means.',
    bad: `${goal}${'plugin_contract:\n  id: "a"\n  version: "1"\n'.repeat(2)}`,
    good: `${goal}plugin_contract:\n  id: "a"\n  version: "1"\n`,
  },
} as const satisfies Record<string, Rule>;

export const blockRules = {
  E_STEP_FORWARD: {
    class: 25,
    title: 'An alias is read before its step.',
    text: 'Steps run in the order they are written.',
    bad: `${goal}workflow:\n  - summarize(a)\n  - reflect as a\n`,
    good: `${goal}workflow:\n  - reflect as a\n  - summarize(a)\n`,
  },
  E_STEP_OPTION: {
    class: 25,
    title: 'An option of a step has a value that makes no sense, or stands there twice.',
    text: '`retry` is an integer from 0 to 10, `timeout` longer than nothing, `requires` a list of strings.',
    bad: `${goal}workflow:\n  - reflect() retry=11\n`,
    good: `${goal}workflow:\n  - reflect() retry=10\n`,
  },
  E_AWAIT_MISSING: {
    class: 25,
    title: 'A parallel result is read before it is awaited.',
    text: 'Write `await name` first.',
    bad: `${goal}${parallel}summarize(a)\nawait a, b\n`,
    good: `${goal}${parallel}await a, b\nsummarize(a)\n`,
  },
  E_AWAIT_UNKNOWN: {
    class: 25,
    title: 'Something is awaited that no parallel block has started.',
    text: 'Only names of a `parallel` block are awaited.',
    bad: `${goal}await a\n`,
    good: `${goal}${parallel}await a, b\n`,
  },
  E_PARALLEL_SIBLING: {
    class: 25,
    title: 'An assignment of a parallel block reads another one of the block.',
    text: 'All see the names as they were when the block began.',
    bad: `${goal}parallel:\n  a: reflect()\n  b: summarize(a)\nawait a, b\n`,
    good: `${goal}parallel:\n  a: reflect()\n  b: summarize(memory)\nawait a, b\n`,
  },
  E_TXN_NESTED: {
    class: 25,
    title: 'A transaction stands inside a transaction.',
    text: 'What is undone together belongs in one block.',
    bad: `${goal}transaction:\n  transaction:\n    store(1)\n`,
    good: `${goal}transaction:\n  store(1)\n`,
  },
  E_TXN_IRREVERSIBLE: {
    class: 25,
    title: 'A transaction holds a write that cannot be undone.',
    text: 'Move it behind the transaction.',
    bad: `${goal}transaction:\n  self_heal()\n`,
    good: `${goal}transaction:\n  store(1)\nself_heal()\n`,
  },
} as const satisfies Record<string, Rule>;

export const pairRules = {
  E_PAIR_LITERAL: {
    class: 25,
    title: 'A value in a block of pairs is no literal.',
    text: 'Such blocks are read before anything runs.',
    bad: `${goal}meta:\n  a: memory\n`,
    good: `${goal}meta:\n  a: "memory"\n`,
  },
  E_POLICY_VALUE: {
    class: 25,
    title: 'A value of the policy is out of its range.',
    text: 'risk_budget 0–1, token_budget and seed integers, data_class text, deterministic and mock_io true or false, on_error "stop", "continue" or "rollback", timeout_default a duration, max_retries 0–10.',
    bad: `${goal}policy:\n  risk_budget: 2\n`,
    good: `${goal}policy:\n  risk_budget: 0.2\n`,
  },
  E_REQUIRE_SPEC: {
    class: 25,
    title: 'A required plugin is not written as name and version.',
    text: 'Write `"name>=1.2,<2"`; the operators are `== != >= <= > < ^ ~`.',
    bad: `${goal}require:\n  plugins: ["p>>1"]\n`,
    good: `${goal}${require}`,
  },
  E_CONTRACT_KEY: {
    class: 25,
    title: 'A contract has no `id` or no `version`.',
    text: 'Both are text: which plugin is meant, and which versions of it.',
    bad: `${goal}plugin_contract:\n  id: "a"\n`,
    good: `${goal}plugin_contract:\n  id: "a"\n  version: "1"\n`,
  },
} as const satisfies Record<string, Rule>;
