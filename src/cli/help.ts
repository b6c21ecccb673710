import { everyCommand } from './common-options.ts';
import type { Argument, Command, Option } from './command.ts';

const optionLabel = ({ name, short, value, multiple }: Option): string =>
  `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}${multiple ? ' …' : ''}`;

const argumentLabel = ({ name, required, multiple }: Argument): string => {
  const label = `${name}${multiple === true ? '…' : ''}`;
  return required === true ? label : `[${label}]`;
};

const rows = (pairs: readonly (readonly [string, string])[]): string[] => {
  const width = Math.max(0, ...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
};

const withChoices = (summary: string, choices: readonly string[] | undefined): string =>
  choices === undefined ? summary : `${summary}: ${choices.join(', ')}`;

export function usageLine({ name, args = [] }: Command): string {
  return ['seatrial', name, ...args.map(argumentLabel), '[options]'].join(' ');
}

/** Help of one command. */
export function renderHelp(command: Command): string {
  const { summary, details = [], args = [], options, examples = [] } = command;
  return [
    `${summary}.`,
    '',
    `Usage: ${usageLine(command)}`,
    ...(details.length === 0 ? [] : ['', ...details]),
    ...(args.length === 0 ? [] : ['', 'Arguments:']),
    ...rows(args.map((each) => [argumentLabel(each), withChoices(each.summary, each.choices)])),
    '',
    'Options:',
    ...rows(
      [...options, ...everyCommand].map((each) => [
        optionLabel(each),
        withChoices(each.summary, each.choices),
      ]),
    ),
    ...(examples.length === 0 ? [] : ['', 'Examples:', ...examples.map((line) => `  ${line}`)]),
    '',
  ].join('\n');
}

/** Help of commands that begin with one word. */
export function renderGroup(word: string, commands: readonly Command[]): string {
  return [
    `Usage: seatrial ${word} <command> [options]`,
    '',
    'Commands:',
    ...rows(commands.map(({ name, summary }) => [name, summary])),
    '',
  ].join('\n');
}

/** Help of the program. */
export function renderOverview(commands: readonly Command[]): string {
  return [
    'Seatrial: may this release go out, and can you prove it?',
    '',
    'Deploys an application once, takes that deployment through install, upgrade, backup, restore',
    'and rebuild, and derives a verdict from tamper-evident evidence alone.',
    '',
    'Usage: seatrial <command> [options]',
    '',
    'Commands:',
    ...rows(commands.map(({ name, summary }) => [name, summary])),
    '',
    'Start with: seatrial init, then seatrial plan, then seatrial run.',
    'Help of one command: seatrial <command> --help',
    'Exit codes: 0 passed, 1 failed, 2 usage or invalid input, 3 could not judge, 70 bug, 130 and 143 interrupted.',
    '',
  ].join('\n');
}
