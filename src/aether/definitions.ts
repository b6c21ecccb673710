// Where names of a script are defined and from where they can be read: for editors, which want an
// answer for scripts with errors too. What a script may do with them, the check says.

import type { Span } from '../diagnostics/diagnostic.ts';
import type { Assign, Body, Broken, Effect, Name, Statement, Step, WorkflowItem } from './tree.ts';

export type Definition = {
  readonly name: string;
  readonly kind: 'assignment' | 'loop' | 'step' | 'broken';
  /** The name itself; of a statement that could not be read, the statement. */
  readonly span: Span;
  /** Readable in this range of the script; to its end where `to` is absent. */
  readonly from: number;
  readonly to?: number;
};

/** In the order of the script; `until` is where the body ends. */
export function findDefinitions(body: Body, until: number): readonly Definition[] {
  return body.flatMap((statement, index) =>
    definitionsOf(statement, body[index + 1]?.span.start ?? until),
  );
}

export function readableAt(
  definitions: readonly Definition[],
  offset: number,
): readonly Definition[] {
  return definitions.filter(({ from, to }) => from <= offset && (to === undefined || offset <= to));
}

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;
type Find<Kind extends Statement['kind']> = (
  statement: Of<Kind>,
  until: number,
) => readonly Definition[];

const none = (): readonly Definition[] => [];

const finders: { readonly [Kind in Statement['kind']]: Find<Kind> } = {
  goal: none,
  memory: none,
  'call-statement': none,
  await: none,
  pairs: none,
  'on-error': none,
  assign: (statement) => [ofAssign(statement)],
  if: ({ branches, otherwise }, until) => [
    ...branches.flatMap(({ body }) => findDefinitions(body, until)),
    ...findDefinitions(otherwise?.body ?? [], until),
  ],
  for: ({ name, source, body }, until) => {
    const loop = { name: name.text, span: name.span, from: source.span.end, to: until };
    return [{ ...loop, kind: 'loop' }, ...findDefinitions(body, until)];
  },
  while: ({ body }, until) => findDefinitions(body, until),
  // Readable once awaited, so not inside the block.
  parallel: ({ assignments, span }) => {
    const from = assignments.at(-1)?.span.end ?? span.end;
    return assignments.flatMap((each) =>
      each.kind === 'assign' ? [{ ...ofAssign(each), from }] : ofBroken(each, from),
    );
  },
  workflow: ({ items }, until) => items.flatMap((each) => ofItem(each, until)),
  transaction: ({ effects }, until) => effects.flatMap((each) => ofEffect(each, until)),
  unsupported: ofBroken,
  broken: ofBroken,
};

function definitionsOf<Kind extends Statement['kind']>(
  statement: Of<Kind>,
  until: number,
): readonly Definition[] {
  const find: Find<Kind> = finders[statement.kind];
  return find(statement, until);
}

function ofAssign({ name, span }: Assign): Definition {
  return { name: name.text, kind: 'assignment', span: name.span, from: span.end };
}

function ofStep({ aliases, span }: Step): readonly Definition[] {
  const define = (alias: Name): Definition => {
    return { name: alias.text, kind: 'step', span: alias.span, from: span.end };
  };
  return aliases.map(define);
}

function ofItem(item: WorkflowItem, until: number): readonly Definition[] {
  if (item.kind === 'steps') return item.steps.flatMap((each) => ofItem(each, until));
  if (item.kind === 'assign') return [ofAssign(item)];
  return item.kind === 'step' ? ofStep(item) : ofBroken(item, until);
}

function ofEffect(effect: Effect, until: number): readonly Definition[] {
  if (effect.kind === 'step' || effect.kind === 'assign' || effect.kind === 'broken')
    return ofItem(effect, until);
  return effect.kind === 'transaction'
    ? effect.effects.flatMap((each) => ofEffect(each, until))
    : [];
}

function ofBroken(
  { names, body, span }: Pick<Broken, 'names' | 'body' | 'span'>,
  until: number,
): readonly Definition[] {
  const own = [...new Set(names)].map((name) => ({
    name,
    kind: 'broken' as const,
    span,
    from: span.end,
  }));
  return [...own, ...findDefinitions(body, until)];
}
