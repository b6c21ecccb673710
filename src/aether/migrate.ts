// Old forms into the published language. Edits are ranges; every byte outside them stays. A file is
// changed only if the result has no new error and nothing is left to change in it.

import { checkText, type CheckedText } from './check-text.ts';
import { applyEdits, sortEdits } from './edit.ts';
import { gatherLines, type Line } from './layout.ts';
import { scan } from './lex.ts';
import type { Token } from './token-list.ts';
import { convertDialect } from './migrate-dialect.ts';
import type { Edit, Problem } from './problem.ts';
import type { Registry } from './registry.ts';
import { ruleClass } from './rules.ts';
import {
  plainTransforms,
  type extraTransforms,
  type MigrateRefusal,
  type Transform,
} from './transform.ts';
import { decodeText, encodeText, makeText, type Text } from './text.ts';

export type MigrateOptions = {
  readonly path?: string;
  readonly enable?: readonly (typeof extraTransforms)[number][];
  /** Converts the dialects `indent` and `arrow`. */
  readonly toPublished?: boolean;
  readonly registry?: Registry;
  /** Signs the migrated bytes anew; without it a signed file is refused. */
  readonly sign?: (unsigned: Uint8Array) => Uint8Array;
};

export type Migrated = {
  readonly source: Text;
  /** What the file would hold; its own bytes where nothing changes or the file is refused. */
  readonly bytes: Uint8Array;
  readonly edits: readonly Edit[];
  /** How often each transform changed something; those that did nothing are left out. */
  readonly counts: Readonly<Partial<Record<Transform, number>>>;
  readonly refusal?: MigrateRefusal;
};

/** Total: any bytes give an answer. */
export function migrate(bytes: Uint8Array, options: MigrateOptions = {}): Migrated {
  const source = decodeText(options.path ?? '', bytes);
  const plan = planEdits(source, options);
  if ('refusal' in plan) return { source, bytes, edits: [], counts: {}, refusal: plan.refusal };
  if (plan.edits.length === 0) return { source, bytes, edits: [], counts: {} };
  const text = applyEdits(source.text, plan.edits);
  const refusal = refuseUnsafe(source, text, options) ?? refuseSigned(source, options);
  if (refusal !== undefined) return { source, bytes, edits: [], counts: {}, refusal };
  const changed = encodeText({ text, hasBom: source.hasBom });
  const signed = isSigned(source) ? options.sign?.(changed) : undefined;
  return { source, bytes: signed ?? changed, edits: plan.edits, counts: plan.counts };
}

type Named = Edit & { readonly transform: Transform };
type Plan =
  | { readonly edits: readonly Edit[]; readonly counts: Migrated['counts'] }
  | { readonly refusal: MigrateRefusal };

function planEdits(source: Text, options: MigrateOptions): Plan {
  const checked = checkText(source, optionsOf(options));
  if (options.toPublished === true) {
    const converted = convertDialect(checked);
    if ('refusal' in converted) return converted;
    if (converted.edits.length > 0) return count(converted.edits);
  }
  const lines = gatherLines(scan(source.text));
  const enabled = new Set<Transform>([...plainTransforms, ...(options.enable ?? [])]);
  const edits = [
    ...lines.flatMap((line) => headEdits(source.text, line)),
    ...textEdits(checked),
    ...blankEdits(source),
    ...tabEdits(source.text, lines),
  ].filter(({ transform }) => enabled.has(transform));
  return count(edits);
}

function count(edits: readonly Named[]): Plan {
  const counts: Partial<Record<Transform, number>> = {};
  const kept = sortEdits(edits);
  const keptSet = new Set(kept);
  for (const edit of edits)
    if (keptSet.has(edit)) counts[edit.transform] = (counts[edit.transform] ?? 0) + 1;
  return { edits: kept.map(({ start, end, text }) => ({ start, end, text })), counts };
}

function optionsOf({ registry }: MigrateOptions): { registry?: Registry } {
  return registry === undefined ? {} : { registry };
}

/** `intent:` and `remember:` at the head of a line, and a goal without quotes. */
function headEdits(text: string, { tokens }: Line): Named[] {
  const [first, second] = tokens;
  if (first === undefined || second?.value !== ':') return [];
  const { start, end, value } = first;
  if (value === 'remember') return [{ start, end, text: 'memory', transform: 'remember' }];
  if (value === 'goal') return goalEdits(text, tokens);
  if (value !== 'intent') return [];
  return [{ start, end, text: 'goal', transform: 'intent-to-goal' }, ...goalEdits(text, tokens)];
}

function goalEdits(text: string, [, colon, third]: readonly Token[]): Named[] {
  if (colon === undefined || third === undefined || /^["']/.test(third.value)) return [];
  const bare = bareRange(text, colon.end);
  if (bare === undefined) return [];
  return [{ ...bare, text: quote(text.slice(bare.start, bare.end)), transform: 'quote-goal' }];
}

/** The rest of the line without outer blanks and without a comment behind a blank. */
function bareRange(text: string, from: number): { start: number; end: number } | undefined {
  const rest = /[^\r\n]*/.exec(text.slice(from))?.[0] ?? '';
  const content = rest.replace(/[ \t]#.*$/, '');
  const start = from + (content.length - content.trimStart().length);
  const end = from + content.trimEnd().length;
  return start < end ? { start, end } : undefined;
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** Values that the checker read as text without quotes, goals aside. */
function textEdits({ problems, script }: CheckedText): Named[] {
  const goals = new Set(
    script.body.flatMap((each) => (each.kind === 'goal' ? [each.text.span.start] : [])),
  );
  return problems.flatMap(({ code, span, fix }) => {
    const isText = code === 'W_BARE_TEXT' && span !== null && !goals.has(span.start);
    return isText
      ? (fix?.edits ?? []).map((edit) => ({ ...edit, transform: 'quote-text' as const }))
      : [];
  });
}

const blankLinesMax = 2;

function blankEdits({ text, lineStarts }: Text): Named[] {
  const edits: Named[] = [];
  let run = 0;
  for (const [index, start] of lineStarts.entries()) {
    const next = lineStarts[index + 1];
    const line = text.slice(start, next);
    const content = withoutTail(line, '\r\n');
    const kept = withoutTail(content, ' \t');
    run = kept === '' && next !== undefined ? run + 1 : 0;
    if (run > blankLinesMax && next !== undefined)
      edits.push({ start, end: next, text: '', transform: 'blank-runs' });
    else if (kept.length < content.length)
      edits.push({
        start: start + kept.length,
        end: start + content.length,
        text: '',
        transform: 'trailing-space',
      });
  }
  return edits;
}

/** An expression that ends in `+$` would begin anew at each of a million blanks inside a line. */
function withoutTail(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

const tabWidth = 4;

function tabEdits(text: string, lines: readonly Line[]): Named[] {
  return lines.flatMap(({ tokens, hasTab }) => {
    const end = tokens[0]?.start ?? 0;
    if (!hasTab) return [];
    let start = end;
    while (start > 0 && /[ \t]/.test(text[start - 1] ?? '')) start -= 1;
    const spaces = text.slice(start, end).replaceAll('\t', ' '.repeat(tabWidth));
    return [{ start, end, text: spaces, transform: 'tabs' as const }];
  });
}

function refuseUnsafe(
  source: Text,
  text: string,
  options: MigrateOptions,
): MigrateRefusal | undefined {
  const content = (source.hasBom ? '\ufeff' : '') + text;
  const after = makeText(source.path, content);
  const before = checkText(source, optionsOf(options)).problems;
  const found = newError(before, checkText(after, optionsOf(options)).problems);
  if (found !== undefined)
    return {
      code: 'E_MIGRATE_UNSAFE',
      message: `the result would have a new error: ${found.code}: ${found.message}`,
    };
  const again = planEdits(after, options);
  if ('refusal' in again || again.edits.length > 0)
    return { code: 'E_MIGRATE_UNSAFE', message: 'a second run would change the file again' };
  return undefined;
}

/**
 * The first error of a code that was rarer before. What a file means was not fully known while it
 * could not be read, so then only errors of reading count.
 */
function newError(before: readonly Problem[], after: readonly Problem[]): Problem | undefined {
  const isUnread = before.some(({ code }) => [20, 24].includes(ruleClass(code)));
  const counts = new Map<string, number>();
  for (const { code } of before) counts.set(code, (counts.get(code) ?? 0) + 1);
  return after.find(({ code, severity }) => {
    if (severity !== 'error' || (isUnread && ruleClass(code) === 25)) return false;
    const left = (counts.get(code) ?? 0) - 1;
    counts.set(code, left);
    return left < 0;
  });
}

const signatureLine = /^# @signature:/;

function isSigned({ text }: Text): boolean {
  return signatureLine.test(text);
}

function refuseSigned(source: Text, { sign }: MigrateOptions): MigrateRefusal | undefined {
  if (!isSigned(source) || sign !== undefined) return undefined;
  return { code: 'E_MIGRATE_SIGNED', message: 'the file is signed; give a key to sign it again' };
}
