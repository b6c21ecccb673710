// The generated pages about the language: its rules, and where its answers differ from those of the
// reference checker.

import { codeNames } from '../src/aether/answer.ts';
import { referenceFunctions } from '../src/aether/reference.ts';
import type { RuleClass } from '../src/aether/rule.ts';
import { ruleCodes, rules, type RuleCode } from '../src/aether/rules.ts';

/** Why two checkers that both look at a file do not say the same. */
export type Difference = {
  readonly name: string;
  readonly why: string;
  /** A file that shows it. */
  readonly example: string;
};

/** Where the reference refuses and Seatrial does not, or less strictly. */
export const milder: readonly Difference[] = [
  {
    name: 'brackets-in-text',
    why: 'The reference counts parentheses in strings and comments too.',
    example: 'goal: "x"\nnarrate("(")\n',
  },
  {
    name: 'more-functions',
    why: 'The published language has functions that the reference does not know.',
    example: 'goal: "x"\ntrace(level="debug")\n',
  },
  {
    name: 'no-call',
    why: 'The reference takes any text before a parenthesis for the name of a function.',
    example: 'goal: "x"\nflag: not(true)\n',
  },
];

/** Where both refuse with one code, and say it differently. */
export const moved: readonly Difference[] = [
  {
    name: 'blank-lines',
    why: 'The reference counts lines from the first that is not blank.',
    example: '\n\n\ngoal: "x"\nfoo(1)\n',
  },
  {
    name: 'whole-file',
    why: 'What the file lacks has no line.',
    example: 'trace(level="debug")\n',
  },
  {
    name: 'earlier',
    why: 'Seatrial finds something else of the same class further up, or on a part of the line that the reference does not read.',
    example: 'goal: "x"\nif missing > 3:\n  foo(1)\n',
  },
  {
    name: 'wording',
    why: 'The same place, in words of its own or with the name as it is written.',
    example: 'goal: "x"\n: 5\n',
  },
];

const classes: readonly RuleClass[] = [20, 24, 25, 22, 21, 23, 26, 27, 0];

/** Every rule with the file where exactly it fires and the nearest one where it must not. */
export function rulesPage(): string {
  const sections = classes.flatMap((code) => [
    code === 0 ? '## Warnings' : `## ${String(code)} ${codeNames[code]}`,
    ...ruleCodes.filter((each) => rules[each].class === code).map(ruleSection),
  ]);
  return [
    '# Rules of the .aether language',
    `${String(ruleCodes.length)} rules. Each is shown on a file where exactly it fires and on the nearest one where it must not; the tests read the same files. \`seatrial aether explain CODE\` prints one of these.`,
    ...sections,
    '',
  ].join('\n\n');
}

function ruleSection(code: RuleCode): string {
  const { title, text, bad, good } = rules[code];
  const shown = bad === good ? [] : ['Reported in:', fence(bad), 'Not in:', fence(good)];
  return [`### ${code}`, title, text, ...shown].join('\n\n');
}

const longestShown = 12;

/** Control characters are spelled, so that the page is text. */
function fence(script: string): string {
  const lines = script.replace(/\n+$/, '').split('\n');
  const left = lines.length - longestShown;
  const kept =
    left > 1 ? [...lines.slice(0, longestShown), `# … ${String(left)} more lines`] : lines;
  const spelled = kept
    .join('\n')
    .replaceAll(/[^\n\x20-\x7e\u00a1-\u00ff\u2010-\u2027\u2190]/gu, spell);
  return `\`\`\`aether\n${spelled}\n\`\`\``;
}

function spell(character: string): string {
  const unit = character.codePointAt(0) ?? 0;
  return `<U+${unit.toString(16).toUpperCase().padStart(4, '0')}>`;
}

/** Where `check` and `check --compat reference` part. */
export function differencesPage(): string {
  const stricter = ruleCodes.filter((code) => [20, 24, 25].includes(rules[code].class));
  return [
    '# Against the reference checker',
    '`check --compat reference` answers as the reference checker does, to carry old fingerprints and baselines over. Without it the answers differ, for these reasons and no others; the tests hold every shared probe and corpus file to this page.',
    '## Stricter',
    `The reference knows three rules, and each of them on some lines only: a \`:\` with nothing before it (E_PARSE_ASSIGNMENT), parentheses that do not match in number (E_PARSE_UNBALANCED), and a name before the first parenthesis that is none of ${referenceFunctions.join(', ')} (E_CALL_UNKNOWN). These rules are added, or hold everywhere:`,
    table(
      ['rule', 'code', 'what'],
      stricter.map((code) => [code, String(rules[code].class), rules[code].title]),
    ),
    '## Milder',
    table(['name', 'why', 'shown on'], milder.map(row)),
    '## The same code, said differently',
    table(['name', 'why', 'shown on'], moved.map(row)),
    '',
  ].join('\n\n');
}

function row({ name, why, example }: Difference): readonly string[] {
  return [name, why, `\`${JSON.stringify(example).slice(1, -1).replaceAll('\\"', '"')}\``];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines
    .map((cells) => `| ${cells.map((each) => each.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}
