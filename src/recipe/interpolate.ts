// Variables in texts, as `docker stack deploy` fills them in. What it does was measured: a default is
// literal, so `${A:-${B}}` gives `${B}`; a form without braces takes a default too, up to the next `}`.

/** What one `$` form is about. */
export type VariableUse = {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Of `-` and `:-`. */
  readonly fallback?: string;
  /** Of `?` and `:?`. */
  readonly required?: string;
  /** Whether an empty value counts as none: the forms with a colon. */
  readonly orEmpty: boolean;
};

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'use'; readonly use: VariableUse };

export type Template = {
  readonly parts: readonly Part[];
  /** Offset of the first `$` form that is refused. */
  readonly refusedAt?: number;
};

const form =
  /\$(?:(\$)|([a-z_][a-z0-9_]*(?::?[-?][^}]*)?)|\{([a-z_][a-z0-9_]*(?::?[-?][^}]*)?)\}|)/gi;

export function parseTemplate(text: string): Template {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(form)) {
    const [whole, escaped, named, braced] = match;
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) });
    from = match.index + whole.length;
    if (escaped !== undefined) parts.push({ kind: 'text', text: '$' });
    else {
      const body = named ?? braced;
      if (body === undefined) return { parts, refusedAt: match.index };
      parts.push({ kind: 'use', use: useOf(body, match.index, from) });
    }
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return { parts };
}

/** Defaults are looked for before required forms, wherever in the body they stand. */
const separators = [':-', '-', ':?', '?'] as const;

function useOf(body: string, start: number, end: number): VariableUse {
  const separator = separators.find((each) => body.includes(each));
  if (separator === undefined) return { name: body, start, end, orEmpty: false };
  const cut = body.indexOf(separator);
  const rest = body.slice(cut + separator.length);
  return {
    ...{ name: body.slice(0, cut), start, end, orEmpty: separator.startsWith(':') },
    ...(separator.endsWith('-') ? { fallback: rest } : { required: rest }),
  };
}

export type Filled =
  | { readonly text: string }
  /** Required and absent. */
  | { readonly missing: VariableUse };

/** The text with every variable replaced; one without a value and default becomes empty. */
export function fillTemplate(
  { parts }: Template,
  valueOf: (name: string) => string | undefined,
): Filled {
  let text = '';
  for (const part of parts) {
    if (part.kind === 'text') {
      text += part.text;
      continue;
    }
    const { name, fallback, required, orEmpty } = part.use;
    const value = valueOf(name);
    const absent = value === undefined || (orEmpty && value === '');
    if (absent && required !== undefined) return { missing: part.use };
    text += absent ? (fallback ?? '') : value;
  }
  return { text };
}

export const usesIn = (text: string): readonly VariableUse[] =>
  text.includes('$')
    ? parseTemplate(text).parts.flatMap((part) => (part.kind === 'use' ? [part.use] : []))
    : [];
