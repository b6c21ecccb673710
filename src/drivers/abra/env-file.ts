// The environment of an app as abra reads it: the recipe's sample with the instance's values.

export type EnvOptions = {
  readonly app: string;
  readonly domain: string;
  /** Of the manifest, and what the harness plants. */
  readonly env: Readonly<Record<string, string>>;
};

const assignment = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=/;

/**
 * Lines of the sample stay, so that comments that say how secrets are made stay with them. A version behind the
 * recipe's name is dropped: what is deployed is what is checked out.
 */
export function envFile(sample: string, { app, domain, env }: EnvOptions): string {
  const values: Readonly<Record<string, string>> = {
    ...env,
    DOMAIN: domain,
    LETS_ENCRYPT_ENV: '',
  };
  const seen = new Set<string>();
  const lines = sample.split('\n').map((line) => {
    const name = assignment.exec(line)?.[1];
    if (name === undefined) return line;
    seen.add(name);
    const value = values[name];
    if (value !== undefined) return `${name}=${quoted(value)}`;
    const own = line.replaceAll(`${app}.example.com`, domain);
    return name === 'TYPE' || name === 'RECIPE' ? own.replace(/:[^\s"'#]*/, '') : own;
  });
  const added = Object.entries(values)
    .filter(([name]) => !seen.has(name))
    .map(([name, value]) => `${name}=${quoted(value)}`);
  return [...lines, ...added, ''].join('\n');
}

/** Whether abra can tell from it which recipe the app is of. */
export const namesRecipe = (sample: string): boolean => /^(?:TYPE|RECIPE)=/m.test(sample);

/** Single quotes keep a value as it is; what they cannot hold is escaped. */
const quoted = (value: string): string =>
  /['\n\r]/.test(value)
    ? `"${value.replaceAll(/["\\$]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)}"`
    : `'${value}'`;
