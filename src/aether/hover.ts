// What is known about the word at a place of a script, in Markdown.

import type { Span } from '../diagnostics/diagnostic.ts';
import type { CheckedText } from './check-text.ts';
import { findDefinitions, readableAt } from './definitions.ts';
import type { Token } from './lex.ts';
import { renderSignature, type FunctionSpec, type Registry } from './registry.ts';
import { rules } from './rules.ts';
import { lineIndexAt, placeAt } from './text.ts';

export type Hover = { readonly markdown: string; readonly span: Span };

export function hoverAt(
  checked: CheckedText,
  registry: Registry,
  offset: number,
): Hover | undefined {
  const token = wordAt(checked.tokens, offset);
  const told = [
    ...rulesAt(checked, offset),
    ...(token === undefined ? [] : tellWord(checked, registry, token)),
  ];
  if (told.length === 0) return undefined;
  const span = token ?? { start: offset, end: offset };
  return { markdown: told.join('\n\n'), span: { start: span.start, end: span.end } };
}

function wordAt(tokens: readonly Token[], offset: number): Token | undefined {
  return tokens.find(({ kind, start, end }) => kind === 'name' && start <= offset && offset <= end);
}

/** The pages of the rules that report here. */
function rulesAt({ problems }: CheckedText, offset: number): readonly string[] {
  const here = problems.filter(
    ({ span }) => span !== null && span.start <= offset && offset <= span.end,
  );
  const codes = new Set(here.map(({ code }) => code));
  return [...codes].map((code) => `**${code}** ${rules[code].title} ${rules[code].text}`);
}

function tellWord(checked: CheckedText, registry: Registry, token: Token): readonly string[] {
  const spec = registry.functions.get(pathAt(checked, token).normalize('NFC'));
  if (spec !== undefined && isCalled(checked, token)) return [tellFunction(spec)];
  const definitions = findDefinitions(checked.script.body, checked.source.text.length);
  const name = token.value.normalize('NFC');
  // At its own definition a name is not readable yet, and yet asked about.
  const own = definitions.find(({ span }) => span.start === token.start);
  const found = own ?? readableAt(definitions, token.start).find((each) => each.name === name);
  return found === undefined ? [] : [tellName(checked, name, found.span)];
}

const effects: Readonly<Record<FunctionSpec['effect'], string>> = {
  read: 'reads',
  write: 'writes',
  notify: 'notifies',
  pure: 'has no effect outside',
};

function tellFunction(spec: FunctionSpec): string {
  const undo = spec.effect === 'write' ? `, ${spec.undo ? 'can' : 'cannot'} be undone` : '';
  return `\`${renderSignature(spec)}\` ${effects[spec.effect]}${undo}`;
}

function tellName({ source }: CheckedText, name: string, span: Span): string {
  const { line } = placeAt(source, span.start);
  const start = source.lineStarts[lineIndexAt(source.lineStarts, span.start)] ?? 0;
  const [text = ''] = source.text.slice(start, start + excerptMax).split(/[\r\n]/);
  return `\`${name}\`, line ${String(line)}: \`${text.trim().replaceAll('`', "'")}\``;
}

const excerptMax = 120;

/** The dotted path that the word is part of. */
function pathAt({ source }: CheckedText, { start, end }: Token): string {
  const before = /[\p{XID_Continue}.]*$/u.exec(source.text.slice(Math.max(0, start - 200), start));
  const after = /^(?:\.[\p{XID_Continue}]+)*/u.exec(source.text.slice(end, end + 200));
  return (before?.[0] ?? '') + source.text.slice(start, end) + (after?.[0] ?? '');
}

/** Followed by an argument list, or the name of a step. */
function isCalled({ source, tokens }: CheckedText, token: Token): boolean {
  if (/^[\p{XID_Continue}.]*\s*\(/u.test(source.text.slice(token.end, token.end + 200)))
    return true;
  const start = source.lineStarts[lineIndexAt(source.lineStarts, token.start)] ?? 0;
  const first = tokens.find((each) => each.start >= start && each.kind !== 'space');
  return first?.value === '-';
}
