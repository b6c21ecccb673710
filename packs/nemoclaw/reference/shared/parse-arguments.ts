import { parseArgs, type ParseArgsConfig } from 'node:util';
import { Failure, messageOf } from './failure.ts';

export type Options = NonNullable<ParseArgsConfig['options']>;

export type Parsed = {
  readonly words: readonly string[];
  /** What came after `--`. */
  readonly command: readonly string[];
  readonly flag: (name: string) => boolean;
  readonly option: (name: string) => string | undefined;
  readonly all: (name: string) => readonly string[];
};

/** Throws exit 2 with the usage for anything that is not in the table. */
export function parseArguments(args: readonly string[], options: Options, usage: string): Parsed {
  const cut = args.indexOf('--');
  const [own, command] = cut < 0 ? [args, []] : [args.slice(0, cut), args.slice(cut + 1)];
  try {
    const { values, positionals } = parseArgs({
      args: [...own],
      options,
      allowPositionals: true,
      strict: true,
    });
    const read = (name: string): unknown => values[name];
    return {
      words: positionals,
      command,
      flag: (name) => read(name) === true,
      option: (name) => {
        const value = read(name);
        return typeof value === 'string' ? value : undefined;
      },
      all: (name) => {
        const value = read(name);
        return Array.isArray(value) ? value.map(String) : [];
      },
    };
  } catch (error) {
    throw new Failure(2, `${messageOf(error)}\nusage: ${usage}`);
  }
}
