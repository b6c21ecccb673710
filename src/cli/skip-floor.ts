// The floor set aside by a variable: for a person at a terminal, never for an environment that inherited it.

import { skipFloorNames } from '../scenario/manifest-schema.ts';
import { UsageError, type Terminal } from './command.ts';

/** Names that an older harness had; set to anything but nothing or 0 they count. */
const older = /^CCCI_SKIP_GENERIC(?:_([A-Z]+))?$/;
const own = 'SEATRIAL_SKIP_FLOOR';

/** Reasons by operation, or `all`; empty where no variable is set. */
export function skipFloorOf({
  env,
  errIsTty,
}: Pick<Terminal, 'env' | 'errIsTty'>): Readonly<Record<string, string>> {
  const asked = [...fromOwn(env[own]), ...fromOlder(env)];
  const [first] = asked;
  if (first === undefined) return {};
  if (env['CI'] !== undefined || !errIsTty)
    throw new UsageError(
      `${first.variable} would lower the floor of this run`,
      'it works at a terminal only; write `skipFloor` with a reason into the manifest instead',
    );
  return Object.fromEntries(asked.map(({ name, variable }) => [name, `set by ${variable}`]));
}

type Asked = { readonly name: string; readonly variable: string };

function fromOwn(value: string | undefined): readonly Asked[] {
  const names = (value ?? '').split(',').map((name) => name.trim());
  return names.filter(Boolean).map((name) => ({ name: known(name, own), variable: own }));
}

const fromOlder = (env: Terminal['env']): readonly Asked[] =>
  Object.entries(env).flatMap(([variable, value = '']) => {
    const found = older.exec(variable);
    if (found === null || value === '' || value === '0') return [];
    return [{ name: known((found[1] ?? 'all').toLowerCase(), variable), variable }];
  });

function known(name: string, variable: string): string {
  if (skipFloorNames.some((each) => each === name)) return name;
  throw new UsageError(
    `${variable}: ${JSON.stringify(name)} is no operation whose floor can be skipped`,
    `known: ${skipFloorNames.join(', ')}`,
  );
}
