// Parts from which the registries of manifest and scenario files are made. A message that begins
// with a code (`MF011 …`) is reported under that code instead of the one of its kind.

import * as z from 'zod';

export const reasonMin = 10;

/** A person's sentence that says why. The pattern asks for that many characters between spaces. */
export function reason(what: string, minimum = reasonMin) {
  const message = `MF011 A reason of at least ${String(minimum)} characters is required here.`;
  return z
    .string({ error: message })
    .regex(new RegExp(String.raw`^\s*\S[\s\S]{${String(minimum - 2)},}\S\s*$`), message)
    .describe(what);
}

export const filePath = z
  .string()
  .min(1)
  .max(1024)
  .describe('path of a file, relative to the folder of this file');

export const argv = z.tuple([z.string().min(1)], z.string());

/** A list of different values. */
export function distinct<Item extends z.ZodType<string | number>>(item: Item) {
  return z
    .array(item)
    .refine((items) => new Set(items).size === items.length, 'The list holds a value twice.')
    .meta({ uniqueItems: true });
}

/** An object of which exactly one of these keys is given, beside others that are free. */
export function exactlyOne<Shape extends z.core.$ZodLooseShape>(
  keys: readonly (keyof Shape & string)[],
  shape: Shape,
  codes: { readonly none: string; readonly many: string } = { none: 'MF010', many: 'SC003' },
) {
  return z
    .strictObject(shape)
    .check((payload) => {
      const value = payload.value as Readonly<Record<string, unknown>>;
      const given = keys.filter((key) => value[key] !== undefined);
      if (given.length === 1) return;
      payload.issues.push({
        code: 'custom',
        input: payload.value,
        // A key that is not there, and whose place is therefore that of the key above.
        path: [given[1] ?? ''],
        message:
          given.length === 0
            ? `${codes.none} One of ${list(keys)} is required.`
            : `${codes.many} Only one of ${list(keys)} may be given.`,
      });
    })
    .meta({ oneOf: keys.map((key) => ({ required: [key] })) });
}

/** Names as a person reads them in a message. */
export function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
