// `$port`, `$token` and the like in gates.yaml. A name is known before a run begins, so that a
// misspelt one is a diagnostic and never an empty text.

/** `destination` is set while a network policy is tried, `reports` where a command makes them. */
export const reservedNames = [
  'port',
  'dir',
  'here',
  'commit',
  'url',
  'run',
  'destination',
] as const;

const form = /\$(?:\$|random:([a-z][a-z0-9_]*)|([a-z][a-z0-9_]*))/gu;

/** Names that a text refers to, those that it makes left out. */
export const placeholdersIn = (text: string): readonly string[] =>
  [...text.matchAll(form)].flatMap(([, , name]) => (name === undefined ? [] : [name]));

/** Names that `$random:NAME` makes anywhere in a value. */
export function randomNames(value: unknown): readonly string[] {
  if (typeof value === 'string')
    return [...value.matchAll(form)].flatMap(([, name]) => (name === undefined ? [] : [name]));
  if (typeof value !== 'object' || value === null) return [];
  return [...new Set(Object.values(value).flatMap(randomNames))];
}

/** The text with every name replaced. A name without a value stays as it is written. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(form, (written, random?: string, name?: string) => {
    if (written === '$$') return '$';
    const key = random ?? name ?? '';
    return Object.hasOwn(values, key) ? (values[key] ?? written) : written;
  });
}

/** Every text of a value filled; keys stay. */
export function fillAll<Value>(value: Value, values: Readonly<Record<string, string>>): Value {
  if (typeof value === 'string') return fill(value, values) as Value;
  if (Array.isArray(value)) return value.map((each: unknown) => fillAll(each, values)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]: [string, unknown]) => [key, fillAll(each, values)]),
  ) as Value;
}
