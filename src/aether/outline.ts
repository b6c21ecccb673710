// The parts of a script as an editor lists them.

import type { Span } from '../diagnostics/diagnostic.ts';
import type { Body, Effect, Statement, WorkflowItem } from './tree.ts';

export type OutlineKind = 'goal' | 'block' | 'name' | 'step' | 'control';

export type OutlineItem = {
  readonly name: string;
  readonly kind: OutlineKind;
  /** Its first line. */
  readonly span: Span;
  /** With everything in it: up to what follows. */
  readonly extent: Span;
  readonly children: readonly OutlineItem[];
};

const nameMax = 60;

/** `until` is where the body ends. */
export function outlineOf(body: Body, until: number): readonly OutlineItem[] {
  return body.flatMap((statement, index) =>
    itemOf(statement, body[index + 1]?.span.start ?? until),
  );
}

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;
type Outline<Kind extends Statement['kind']> = (
  statement: Of<Kind>,
  until: number,
) => readonly OutlineItem[];

const none = (): readonly OutlineItem[] => [];
const inside = ({ body }: { readonly body: Body }, until: number): readonly OutlineItem[] =>
  outlineOf(body, until);

const outlines: { readonly [Kind in Statement['kind']]: Outline<Kind> } = {
  'call-statement': none,
  await: none,
  unsupported: inside,
  broken: inside,
  goal: ({ text, span }) => [leaf(text.value, 'goal', span)],
  assign: ({ name, span }) => [leaf(name.text, 'name', span)],
  memory: ({ span }) => [leaf('memory', 'block', span)],
  parallel: ({ assignments, span }, until) =>
    branch('parallel', 'block', { span, until }, outlineOf(assignments, until)),
  workflow: ({ items, span }, until) =>
    branch('workflow', 'block', { span, until }, items.flatMap(itemsOf)),
  transaction: ({ effects, span }, until) =>
    branch('transaction', 'block', { span, until }, effects.flatMap(itemsOf)),
  pairs: ({ block, pairs, span }, until) => {
    const children = pairs.map((pair) => leaf(pair.key.text, 'name', pair.span));
    return branch(block, 'block', { span, until }, children);
  },
  'on-error': ({ rules, span }, until) => {
    const children = rules.map((rule) => leaf(rule.when.text, 'name', rule.span));
    return branch('on_error', 'block', { span, until }, children);
  },
  if: ({ branches, otherwise, span }, until) => {
    const bodies = [...branches.map(({ body }) => body), otherwise?.body ?? []];
    const children = bodies.flatMap((body) => outlineOf(body, until));
    return branch('if', 'control', { span, until }, children);
  },
  for: ({ name, body, span }, until) =>
    branch(`for ${name.text}`, 'control', { span, until }, outlineOf(body, until)),
  while: ({ body, span }, until) =>
    branch('while', 'control', { span, until }, outlineOf(body, until)),
};

function itemOf<Kind extends Statement['kind']>(
  statement: Of<Kind>,
  until: number,
): readonly OutlineItem[] {
  const outline: Outline<Kind> = outlines[statement.kind];
  return outline(statement, until);
}

function itemsOf(each: WorkflowItem | Effect): readonly OutlineItem[] {
  if (each.kind === 'steps') return each.steps.flatMap(itemsOf);
  if (each.kind !== 'step') return itemOf(each, each.span.end);
  const [alias] = each.aliases;
  return [leaf(alias?.text ?? each.path.text, 'step', each.span)];
}

function leaf(name: string, kind: OutlineKind, span: Span): OutlineItem {
  return { name: nameOf(name, kind), kind, span, extent: span, children: [] };
}

type Reach = { readonly span: Span; readonly until: number };

function branch(
  name: string,
  kind: OutlineKind,
  { span, until }: Reach,
  children: readonly OutlineItem[],
): readonly OutlineItem[] {
  const extent = { start: span.start, end: Math.max(span.end, until) };
  return [{ name: nameOf(name, kind), kind, span, extent, children }];
}

/** Editors refuse an empty name. */
function nameOf(name: string, kind: OutlineKind): string {
  return name.trim().slice(0, nameMax) || kind;
}
