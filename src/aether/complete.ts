// What can stand at a place of a script.

import type { CheckedText } from './check-text.ts';
import { findDefinitions, readableAt } from './definitions.ts';
import type { Token } from './lex.ts';
import { renderSignature, type Registry } from './registry.ts';

export type Completion = {
  readonly label: string;
  readonly kind: 'function' | 'keyword' | 'name' | 'option';
  readonly detail?: string;
  /** What is written, where it is not the label. */
  readonly insert?: string;
};

const headWords =
  'goal memory meta policy require plugin_contract on_error workflow parallel transaction if for await'.split(
    ' ',
  );
const valueWords = 'true false null not and or in'.split(' ');
const stepOptions: readonly Completion[] = [
  { label: 'as', kind: 'option', detail: 'name of the result', insert: 'as ' },
  { label: 'retry', kind: 'option', detail: 'further attempts, 0 to 10', insert: 'retry=' },
  { label: 'timeout', kind: 'option', detail: 'longest attempt: 30s', insert: 'timeout=' },
  { label: 'requires', kind: 'option', detail: 'capabilities', insert: 'requires=[' },
];

/** Nothing inside strings, comments and numbers. */
export function completeAt(
  checked: CheckedText,
  registry: Registry,
  offset: number,
): readonly Completion[] {
  const before = lineBefore(checked.tokens, offset);
  const last = before.at(-1);
  if (last !== undefined && last.end >= offset && silent.has(last.kind)) return [];
  const placed = withoutCurrent(before, offset);
  if (isBehindStep(placed)) return stepOptions;
  return [
    ...(placed.length === 0 ? headWords : valueWords).map(keyword),
    ...namesAt(checked, offset),
    ...[...registry.names].map((label) => ({ label, kind: 'name' as const })),
    ...[...registry.functions.values()].map((spec) => ({
      label: spec.name,
      kind: 'function' as const,
      detail: `${renderSignature(spec)}, ${spec.effect}`,
    })),
  ];
}

const silent: ReadonlySet<Token['kind']> = new Set(['string', 'comment', 'number', 'bad']);
const words: ReadonlySet<Token['kind']> = new Set(['name', 'keyword']);
const keyword = (label: string): Completion => ({ label, kind: 'keyword' });

function lineBefore(tokens: readonly Token[], offset: number): readonly Token[] {
  const start = tokens.findLastIndex(({ kind, end }) => kind === 'newline' && end <= offset) + 1;
  const rest = tokens.slice(start);
  const end = rest.findIndex((token) => token.start >= offset);
  return end === -1 ? rest : rest.slice(0, end);
}

/** The word that is being typed decides nothing yet. */
function withoutCurrent(before: readonly Token[], offset: number): readonly Token[] {
  return before.filter(({ kind, end }) => kind !== 'space' && !(words.has(kind) && end >= offset));
}

const openers = new Set(['(', '[', '{']);
const closers = new Set([')', ']', '}']);

/** Behind `- name` or `- name(…)`, outside all brackets. */
function isBehindStep(line: readonly Token[]): boolean {
  const [dash, word] = line;
  if (dash?.value !== '-' || word === undefined || word.value === 'when') return false;
  return !['.', '='].includes(line.at(-1)?.value ?? '') && bracketDepth(line) === 0;
}

function bracketDepth(line: readonly Token[]): number {
  const marks = line.filter(({ kind }) => kind === 'op').map(({ value }) => value);
  const count = (set: ReadonlySet<string>) => marks.filter((mark) => set.has(mark)).length;
  return count(openers) - count(closers);
}

function namesAt({ script, source }: CheckedText, offset: number): readonly Completion[] {
  const readable = readableAt(findDefinitions(script.body, source.text.length), offset);
  // A line that is being typed does not read yet; its own name is not meant.
  const above = readable.filter(
    ({ kind, span }) => kind !== 'broken' || /[\r\n]/.test(source.text.slice(span.end, offset)),
  );
  const names = new Set(above.map(({ name }) => name));
  return [...names].map((label) => ({ label, kind: 'name' }));
}
