// Rules that lead to 20 (the file cannot be read) and 24 (it can, and will not be run).

import { blockDepthMax } from './limits.ts';
import type { Rule } from './rule.ts';

const goal = 'goal: "x"\n';

const deep = Array.from(
  { length: blockDepthMax + 1 },
  (_, depth) => `${' '.repeat(depth)}if true:\n`,
);
const tooDeep = `${goal}${deep.join('')}${' '.repeat(blockDepthMax + 1)}reflect()\n`;

export const lexRules = {
  E_LEX_UTF8: {
    class: 20,
    title: 'The file holds bytes that are not UTF-8.',
    text: 'Nothing is dropped or replaced: save the file as UTF-8. Reported once a line.',
    bad: `${goal}# \udcff\n`,
    good: `${goal}# \ufffd\n`,
  },
  E_LEX_CONTROL: {
    class: 20,
    title: 'A control or bidirectional control character stands outside strings and comments.',
    text: 'Such characters hide what a line does. NUL and a byte order mark are refused everywhere.',
    bad: `${goal}reflect()\f\n`,
    good: `${goal}reflect() # \f\n`,
  },
  E_LEX_TAB: {
    class: 20,
    title: 'A tab stands outside strings and comments.',
    text: 'The language is indented with spaces. `migrate --enable tabs` replaces indenting tabs.',
    bad: `${goal}if true:\n\treflect()\n`,
    good: `${goal}if true:\n    reflect() #\t\n`,
  },
  E_LEX_CHAR: {
    class: 20,
    title: 'A character is not part of the language.',
    text: 'Remove it, or put it in quotes if it was meant as text.',
    bad: `${goal}reflect();\n`,
    good: `${goal}narrate(";")\n`,
  },
  E_LEX_STRING: {
    class: 20,
    title: 'A string is not closed on its line.',
    text: 'Strings end on the line they begin on; write `\\n` for a newline inside one.',
    bad: `${goal}narrate("x)\n`,
    good: `${goal}narrate("x")\n`,
  },
  E_LEX_NUMBER: {
    class: 20,
    title: 'A number is malformed.',
    text: 'Digits with single `_` between them and at most one fraction; no exponent, no leading zero.',
    bad: `${goal}x: 007\n`,
    good: `${goal}x: 0.07\n`,
  },
  E_LEX_DURATION: {
    class: 20,
    title: 'A duration has no known unit.',
    text: 'The units are `ms`, `s`, `m` and `h`.',
    bad: `${goal}x: 3d\n`,
    good: `${goal}x: 72h\n`,
  },
} as const satisfies Record<string, Rule>;

export const parseRules = {
  E_PARSE_EMPTY: {
    class: 20,
    title: 'The file has no statement.',
    text: 'An empty workflow proves nothing and is never answered with success.',
    bad: '# nothing but this\n',
    good: goal,
  },
  E_PARSE_ASSIGNMENT: {
    class: 20,
    title: 'An assignment has no name on its left or no value on its right.',
    text: 'Write `name: value`; a name is one word.',
    bad: `${goal}my key: 5\n`,
    good: `${goal}my_key: 5\n`,
  },
  E_PARSE_STATEMENT: {
    class: 20,
    title: 'No statement begins like this.',
    text: 'A line is a block, an assignment or a call.',
    bad: `${goal}reflect\n`,
    good: `${goal}reflect()\n`,
  },
  E_PARSE_HEADER: {
    class: 20,
    title: 'A block has no colon, or its word is unknown.',
    text: 'Headers end in `:`; only the words of the language begin a block.',
    bad: `${goal}meta:\n  a: 1\nif true\n  reflect()\n`,
    good: `${goal}meta:\n  a: 1\nif true:\n  reflect()\n`,
  },
  E_PARSE_UNBALANCED: {
    class: 20,
    title: 'A bracket is never closed, or closes nothing.',
    text: 'Reported at the first unclosed opener of the statement.',
    bad: `${goal}reflect(\n`,
    good: `${goal}reflect(\n)\n`,
  },
  E_PARSE_EXPRESSION: {
    class: 20,
    title: 'A value is missing or not understood.',
    text: 'Look at the place the message names: an operand, a comma or a bracket is missing there.',
    bad: `${goal}x: 1 +\n`,
    good: `${goal}x: 1 + 1\n`,
  },
  E_PARSE_TRAILING: {
    class: 20,
    title: 'Something stands behind the end of the statement.',
    text: 'One statement a line; a block begins on the line after its header.',
    bad: `${goal}reflect() reflect()\n`,
    good: `${goal}reflect()\nreflect()\n`,
  },
  E_PARSE_STEP: {
    class: 20,
    title: 'A step of a workflow is malformed.',
    text: 'Write `- name(arguments) as alias retry=2 timeout=30s requires=["capability"]`.',
    bad: `${goal}workflow:\n  - reflect() retries=2\n`,
    good: `${goal}workflow:\n  - reflect() retry=2\n`,
  },
  E_PARSE_RULE: {
    class: 20,
    title: 'A rule of `on_error` is not one `when` and one `do`.',
    text: 'Write `- when: Timeout` and below it `do: escalate_to("Ops")`.',
    bad: `${goal}on_error:\n  - when: Timeout\n`,
    good: `${goal}on_error:\n  - when: Timeout\n    do: reflect()\n`,
  },
  E_PARSE_ELSE: {
    class: 20,
    title: '`else` or `elif` has no `if` before it.',
    text: 'It stands at the indentation of its `if`, right behind its block.',
    bad: `${goal}else:\n  reflect()\n`,
    good: `${goal}if true:\n  x: 1\nelse:\n  reflect()\n`.replace('true', 'memory'),
  },
  E_PARSE_GOAL: {
    class: 20,
    title: 'The text of the goal is not in quotes.',
    text: '`migrate` quotes it.',
    bad: 'goal: ship it\nif true:\n  reflect()\n',
    good: 'goal: "ship it"\nif true:\n  reflect()\n',
  },
  E_INDENT_UNEXPECTED: {
    class: 20,
    title: 'A line is indented where no block begins.',
    text: 'Only a line that ends in `:` has deeper lines below it.',
    bad: `${goal}reflect()\n  reflect()\n`,
    good: `${goal}reflect()\nreflect()\n`,
  },
  E_INDENT_DEDENT: {
    class: 20,
    title: 'A line goes back to an indentation that no open block has.',
    text: 'All lines of a block have the same indentation.',
    bad: `${goal}if true:\n    reflect()\n    reflect()\n  reflect()\n`,
    good: `${goal}if true:\n    reflect()\n    reflect()\nreflect()\n`,
  },
  E_INDENT_MISSING: {
    class: 20,
    title: 'A header has no block below it.',
    text: 'A block begins on the line after its header and has at least one line.',
    bad: `${goal}if true:\nreflect()\n`,
    good: `${goal}if true:\n  reflect()\n`,
  },
  E_DIALECT_LINE: {
    class: 20,
    title: 'A line is written in another dialect than the file.',
    text: 'One file, one dialect. `seatrial aether dialect` shows which lines decided.',
    bad: `${goal}if true:\n  reflect()\nx = 5\n`,
    good: `${goal}if true:\n  reflect()\nx: 5\n`,
  },
  E_LIMIT: {
    class: 20,
    title: 'The file is too large or nested too deep.',
    text: 'Limits: 4 MiB a file (`--max-bytes`), brackets 200 deep, blocks 60 deep.',
    bad: tooDeep,
    good: tooDeep.replace('if true:\n ', '').replaceAll('\n ', '\n'),
  },
} as const satisfies Record<string, Rule>;

export const featureRules = {
  E_DIALECT_UNSUPPORTED: {
    class: 24,
    title: 'The file is written in a dialect that is not run here.',
    text: 'Nothing that can be vouched for defines how it runs, so it is never answered with success.',
    bad: '$x = "1"\nrun agent "A" with $x\n',
    good: goal,
  },
  E_FEATURE_WHILE: {
    class: 24,
    title: '`while` is announced, but not part of the published language.',
    text: 'Use `for` over a list or `range`.',
    bad: `${goal}while memory:\n  reflect()\n`,
    good: `${goal}for i in range(0, 3):\n  reflect()\n`,
  },
  E_FEATURE_FUNCTION: {
    class: 24,
    title: "Functions of one's own are announced, but not part of the published language.",
    text: 'Put the statements where they are needed, or write a plugin.',
    bad: `${goal}function f(x):\n  summarize(x)\n`,
    good: `${goal}summarize(memory)\n`,
  },
  E_FEATURE_TRANSACTION_VERB: {
    class: 24,
    title: '`begin`, `commit` and `rollback transaction` are not run.',
    text: 'They tie loose lines together. Use a `transaction` block.',
    bad: 'goal "x"\nbegin transaction\n',
    good: 'goal "x"\ntransaction\n  store(1)\n',
  },
  E_FEATURE_MODULE: {
    class: 24,
    title: '`require module` is not run.',
    text: 'There are no modules; require the plugin that is called.',
    bad: 'goal "x"\nrequire module base\n',
    good: 'goal "x"\nrequire plugin base version="1.0"\n',
  },
} as const satisfies Record<string, Rule>;
