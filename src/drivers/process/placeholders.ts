// Manifest texts name what differs from one instance to the next by placeholders: `{port}`, `{data}`.
// Running things are compared with them in that form, so that an instance's own ports and paths count
// for nothing and everything else counts.

/** Placeholder name → value of this instance. */
export type Values = Readonly<Record<string, string>>;

/** Fills in the placeholders that have a value; other braces stay as they are. */
export const substitute = (template: string, values: Values): string =>
  template.replaceAll(/\{([a-z][a-z0-9._-]*)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );

/**
 * An actual text in the form of its template: the template itself when they are the same, otherwise the text
 * marked as different. The mark is what keeps a text that merely looks like the template from passing as it.
 */
export function express(actual: string, template: string | undefined, values: Values): string {
  if (template !== undefined && substitute(template, values) === actual) return template;
  return `≠ ${mask(actual, values)}`;
}

/** Instance values replaced by their names, the longest first: `/w/data/x` is below `{data}`, not `{work}`. */
function mask(actual: string, values: Values): string {
  return Object.entries(values)
    .filter(([, value]) => value.length > 2)
    .sort(([, a], [, b]) => b.length - a.length)
    .reduce((text, [name, value]) => text.replaceAll(value, `{${name}}`), actual);
}
