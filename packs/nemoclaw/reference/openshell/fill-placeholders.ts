/** A credential's value by its name; undefined when the gateway does not hold it. */
export type Resolve = (name: string) => string | undefined;

const placeholder = /openshell:resolve:env:([A-Z][A-Z0-9_]{0,63})/g;

/** Sandboxes hold placeholders; only the gateway, on the way out, knows what they stand for. */
export function fillPlaceholders(text: string, resolve: Resolve): string {
  return text.replace(placeholder, (whole, name: string) => resolve(name) ?? whole);
}
