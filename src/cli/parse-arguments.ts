import { parseArgs } from 'node:util';
import { nearest } from '../diagnostics/nearest.ts';
import { everyCommand } from './common-options.ts';
import { UsageError, type Command, type Input, type Option } from './command.ts';

/** Reads a command's own arguments by its table. Throws UsageError with the nearest known option. */
export function parseArguments(command: Command, argv: readonly string[]): Input {
  const options = [...command.options, ...everyCommand];
  const parsed = parse(argv, options);
  for (const { name, choices } of options) checkChoice(`--${name}`, parsed.values[name], choices);
  checkArguments(command, parsed.args);
  return parsed;
}

function parse(argv: readonly string[], options: readonly Option[]): Input {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: Object.fromEntries(options.map((option) => [option.name, toParseArgs(option)])),
    });
    return { args: positionals, values: values as Input['values'] };
  } catch (error) {
    throw new UsageError(...explain(error, options));
  }
}

const toParseArgs = ({ value, short, multiple }: Option) => ({
  type: value === undefined ? ('boolean' as const) : ('string' as const),
  ...(short === undefined ? {} : { short }),
  ...(multiple === undefined ? {} : { multiple }),
});

function explain(error: unknown, options: readonly Option[]): [string, string?] {
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /Unknown option '--?([^']+)'/.exec(message)?.[1];
  if (unknown === undefined) return [message.split('. ')[0] ?? message];
  const guess = nearest(
    unknown,
    options.map(({ name }) => name),
  );
  return [`unknown option --${unknown}`, ...(guess ? [`did you mean --${guess}?`] : [])] as [
    string,
    string?,
  ];
}

function checkChoice(
  what: string,
  value: Input['values'][string],
  choices: readonly string[] | undefined,
): void {
  if (choices === undefined || value === undefined || typeof value === 'boolean') return;
  for (const each of typeof value === 'string' ? [value] : value) {
    if (choices.includes(each)) continue;
    const guess = nearest(each, choices);
    const hint = `one of ${choices.join(', ')}${guess ? `; did you mean ${guess}?` : ''}`;
    throw new UsageError(`${what} cannot be ${JSON.stringify(each)}`, hint);
  }
}

function checkArguments({ args: wanted = [] }: Command, args: readonly string[]): void {
  for (const [index, { name, required, multiple, choices }] of wanted.entries()) {
    const given = multiple === true ? args.slice(index) : args.slice(index, index + 1);
    if (required === true && given.length === 0) throw new UsageError(`${name} is missing`);
    checkChoice(name, given, choices);
  }
  const last = wanted.at(-1);
  if (last?.multiple !== true && args.length > wanted.length)
    throw new UsageError(`unexpected argument ${JSON.stringify(args[wanted.length])}`);
}
