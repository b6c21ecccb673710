// A script as lines: each says where it came from, so that comments and blank lines find their place.

import type { Span } from '../diagnostics/diagnostic.ts';
import {
  printArguments,
  printExpression,
  printFlat,
  printNames,
  type Room,
} from './print-expression.ts';
import type {
  Assign,
  Body,
  Call,
  Effect,
  Expression,
  Pair,
  Statement,
  Step,
  TypeHint,
  WorkflowItem,
} from './tree.ts';

export type PrintedLine = {
  readonly span: Span;
  readonly indent: number;
  /** Without the first line's indentation. */
  readonly text: string;
  /** The head of a block at the top level. */
  readonly isBlock: boolean;
};

type Printer = { readonly lines: PrintedLine[]; readonly source: string };

const step = 2;

/** `source` is the text the script was parsed from: text without quotes is kept as it stands there. */
export function printScript(body: Body, source: string): readonly PrintedLine[] {
  const printer: Printer = { lines: [], source };
  printBody(printer, body, 0);
  return printer.lines;
}

function put(printer: Printer, span: Span, indent: number, text: string): void {
  printer.lines.push({ span, indent, text, isBlock: false });
}

function putHead(printer: Printer, span: Span, indent: number, text: string): void {
  printer.lines.push({ span, indent, text, isBlock: indent === 0 });
}

function printBody(printer: Printer, body: Body, indent: number): void {
  for (const statement of body) printStatement(printer, statement, indent);
}

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;
type Print<Kind extends Statement['kind']> = (
  printer: Printer,
  statement: Of<Kind>,
  indent: number,
) => void;

const prints: { readonly [Kind in Statement['kind']]: Print<Kind> } = {
  goal: (printer, { text, span }, indent) => {
    put(
      printer,
      span,
      indent,
      `goal: ${value(printer, text, { indent, column: indent + 6, tail: 0 })}`,
    );
  },
  memory: (printer, { call, span }, indent) => {
    put(
      printer,
      span,
      indent,
      `memory: ${value(printer, call, { indent, column: indent + 8, tail: 0 })}`,
    );
  },
  assign: printAssign,
  'call-statement': (printer, { call, span }, indent) => {
    put(printer, span, indent, value(printer, call, { indent, column: indent, tail: 0 }));
  },
  if: (printer, { branches, otherwise }, indent) => {
    for (const [index, { condition, body, span }] of branches.entries()) {
      printHeader(printer, { span, indent, word: index === 0 ? 'if' : 'elif' }, condition);
      printBody(printer, body, indent + step);
    }
    if (otherwise === undefined) return;
    putHead(printer, otherwise.span, indent, 'else:');
    printBody(printer, otherwise.body, indent + step);
  },
  for: (printer, { name, source, body, span }, indent) => {
    printHeader(printer, { span, indent, word: `for ${name.text} in` }, source);
    printBody(printer, body, indent + step);
  },
  while: (printer, { condition, body, span }, indent) => {
    printHeader(printer, { span, indent, word: 'while' }, condition);
    printBody(printer, body, indent + step);
  },
  await: (printer, { names, span }, indent) => {
    put(printer, span, indent, `await ${printNames(names)}`);
  },
  parallel: (printer, { assignments, span }, indent) => {
    putHead(printer, span, indent, 'parallel:');
    for (const each of assignments) printPart(printer, each, indent + step);
  },
  workflow: (printer, { items, span }, indent) => {
    putHead(printer, span, indent, 'workflow:');
    for (const item of items) printPart(printer, item, indent + step);
  },
  transaction: (printer, { effects, span }, indent) => {
    putHead(printer, span, indent, 'transaction:');
    for (const effect of effects) printPart(printer, effect, indent + step);
  },
  pairs: (printer, { block, pairs, span }, indent) => {
    putHead(printer, span, indent, `${block}:`);
    for (const pair of pairs) printPair(printer, pair, indent + step);
  },
  'on-error': (printer, { rules, span }, indent) => {
    putHead(printer, span, indent, 'on_error:');
    for (const { when, call, span: whole } of rules) {
      const from = { start: whole.start, end: when.span.end };
      put(printer, from, indent + step, `- when: ${when.text}`);
      put(printer, call.span, indent + 2 * step, `do: ${doCall(call, indent + 2 * step)}`);
    }
  },
  unsupported: keepAsIs,
  broken: keepAsIs,
};

/** What cannot be read is not formatted; callers refuse such files. */
function keepAsIs(printer: Printer, { span }: { readonly span: Span }, indent: number): void {
  put(printer, span, indent, printer.source.slice(span.start, span.end));
}

function printStatement<Kind extends Statement['kind']>(
  printer: Printer,
  statement: Of<Kind>,
  indent: number,
): void {
  const print: Print<Kind> = prints[statement.kind];
  print(printer, statement, indent);
}

function doCall(call: Call, indent: number): string {
  return printExpression(call, { indent, column: indent + 4, tail: 0 });
}

type Header = { readonly span: Span; readonly indent: number; readonly word: string };

function printHeader(
  printer: Printer,
  { span, indent, word }: Header,
  expression: Expression,
): void {
  const column = indent + word.length + 1;
  const written = value(printer, expression, { indent, column, tail: 1 });
  putHead(printer, span, indent, `${word} ${written}:`);
}

function value({ source }: Printer, expression: Expression, room: Room): string {
  const isBare = expression.kind === 'string' && !/["']/.test(source[expression.span.start] ?? '');
  return isBare ? expression.value : printExpression(expression, room);
}

function printAssign(
  printer: Printer,
  { name, type, value: made, span }: Assign,
  indent: number,
): void {
  const left = `${name.text}: ${type === undefined ? '' : `${printType(type)} = `}`;
  const room = { indent, column: indent + left.length, tail: 0 };
  put(printer, span, indent, left + value(printer, made, room));
}

function printType({ name, parameters }: TypeHint): string {
  if (parameters.length === 0) return name.text;
  return `${name.text}[${parameters.map(printType).join(', ')}]`;
}

function printPart(printer: Printer, part: WorkflowItem | Effect, indent: number): void {
  if (part.kind === 'step') {
    put(printer, part.span, indent, printStep(part, indent));
  } else if (part.kind === 'steps') {
    put(printer, part.span, indent, 'steps:');
    for (const each of part.steps) printPart(printer, each, indent + step);
  } else printStatement(printer, part, indent);
}

function printStep({ path, args, aliases, options }: Step, indent: number): string {
  const tail = [
    ...aliases.map(({ text }) => ` as ${text}`),
    ...options.map(({ key, value: given }) => ` ${key.text}=${printFlat(given)}`),
  ].join('');
  const head = `- ${path.text}`;
  const room = { indent, column: indent + head.length, tail: tail.length };
  return head + (args === undefined ? '' : fitArguments(args, room)) + tail;
}

function fitArguments(args: Step['args'] & object, room: Room): string {
  const line = printArguments(args, { indent: 0, column: -Infinity, tail: 0 });
  return room.column + line.length + room.tail <= 100 ? line : printArguments(args, room);
}

function printPair(printer: Printer, { key, value: held, span }: Pair, indent: number): void {
  if (held.kind === 'value') {
    const column = indent + key.text.length + 2;
    const room = { indent, column, tail: 0 };
    put(printer, span, indent, `${key.text}: ${printExpression(held.value, room)}`);
    return;
  }
  put(printer, span, indent, `${key.text}:`);
  if (held.kind === 'pairs') for (const pair of held.pairs) printPair(printer, pair, indent + step);
  else printDashes(printer, held.items, indent + step);
}

function printDashes(printer: Printer, items: readonly Expression[], indent: number): void {
  for (const item of items) {
    const room = { indent, column: indent + 2, tail: 0 };
    put(printer, item.span, indent, `- ${printExpression(item, room)}`);
  }
}
