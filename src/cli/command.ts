// The shape of a command. Parsing, --help, shell completion and docs/reference/cli.md all come
// from these tables.

export type Option = {
  readonly name: string;
  readonly short?: string;
  /** Placeholder of the value; absent for switches. */
  readonly value?: string;
  readonly multiple?: true;
  readonly choices?: readonly string[];
  readonly summary: string;
};

export type Argument = {
  readonly name: string;
  readonly summary: string;
  readonly required?: true;
  readonly multiple?: true;
  readonly choices?: readonly string[];
};

export type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export type Input = {
  readonly args: readonly string[];
  readonly values: Values;
};

/** What a command may touch of the process it runs in. */
export type Terminal = {
  readonly out: (text: string) => void;
  /** For results that need not be UTF-8. */
  readonly outBytes?: (bytes: Uint8Array) => void;
  readonly err: (text: string) => void;
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  readonly columns: number;
  readonly colour: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly pid: number;
  /** Absolute path of the Node program. */
  readonly node: string;
  /** Aborted, with a lifecycle Stop as reason, when the process is told to end. */
  readonly signal: AbortSignal;
};

export type Command = {
  /** One or two words: `run`, `keys new`. */
  readonly name: string;
  readonly summary: string;
  /** Further lines of help. */
  readonly details?: readonly string[];
  readonly args?: readonly Argument[];
  readonly options: readonly Option[];
  readonly examples?: readonly string[];
  /** Writes its result through the terminal; answers the exit code. */
  readonly run: (input: Input, terminal: Terminal) => Promise<number>;
};

/** A wrong command line or input; ends with exit code 2. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** The command line is right, and what it names cannot be used; ends with exit code 2 too. */
export class UnusableInput extends UsageError {
  override readonly name = 'UnusableInput';
}

/** Ends a command because files that people wrote have errors; they are printed already. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
}

export const text = (values: Values, name: string): string | undefined => {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
};

export const flag = (values: Values, name: string): boolean => values[name] === true;

/** A number of seconds, e.g. `--wait 60`. */
export function seconds(values: Values, name: string, fallback: number): number {
  const value = text(values, name);
  if (value === undefined) return fallback;
  if (!/^\d{1,6}$/.test(value))
    throw new UsageError(`--${name} takes whole seconds, not ${JSON.stringify(value)}`);
  return Number(value);
}
