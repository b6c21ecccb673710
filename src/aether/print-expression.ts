// Expressions as the formatter writes them: on one line where that fits, else one item per line in
// the brackets that are too wide. The result depends on the tree alone, so it is its own fixed point.

import { encodeString } from './literal.ts';
import type { Argument, Entry, Expression, Name } from './tree.ts';

export const columnsMax = 100;
const step = 2;

/** Where the text stands: its indentation, its column, and what must still fit behind it. */
export type Room = { readonly indent: number; readonly column: number; readonly tail: number };

type Of<Kind extends Expression['kind']> = Extract<Expression, { kind: Kind }>;
type Printer<Kind extends Expression['kind']> = (expression: Of<Kind>, room: Room) => string;

/** Nothing is too wide here. */
const flat: Room = { indent: 0, column: -Infinity, tail: 0 };

export function printFlat(expression: Expression): string {
  return print(expression, flat);
}

/** Lines after the first carry their own indentation. */
export function printExpression(expression: Expression, room: Room): string {
  const line = printFlat(expression);
  return fits(line, room) ? line : print(expression, room);
}

function fits(line: string, { column, tail }: Room): boolean {
  return column + line.length + tail <= columnsMax;
}

const printers: { readonly [Kind in Expression['kind']]: Printer<Kind> } = {
  string: ({ value }) => encodeString(value),
  number: ({ text }) => text,
  duration: ({ text }) => text,
  bool: ({ value }) => String(value),
  null: () => 'null',
  name: ({ text }) => text,
  call: ({ path, args }, room) => path.text + printArguments(args, room),
  list: ({ items }, room) => printItems('[', items, room, printExpression) + ']',
  dict: ({ entries }, room) => printItems('{', entries, room, printEntry) + '}',
  group: ({ inner }, room) => `(${printExpression(inner, shift(room, 1))})`,
  not: ({ value }, room) => `not ${printExpression(value, shift(room, 4))}`,
  negate: ({ value }, room) => `-${printExpression(value, shift(room, 1))}`,
  compare: ({ left, operator, right }, room) => printLinks([left, right], [operator], room),
  chain: ({ first, rest }, room) =>
    printLinks(
      [first, ...rest.map(({ value }) => value)],
      rest.map(({ operator }) => operator),
      room,
    ),
  access: ({ base, parts }, room) => {
    const written = parts.map((part) =>
      part.kind === 'field' ? `.${part.name.text}` : `[${printFlat(part.value)}]`,
    );
    return (
      printExpression(base, { ...room, tail: room.tail + written.join('').length }) +
      written.join('')
    );
  },
};

function print<Kind extends Expression['kind']>(expression: Of<Kind>, room: Room): string {
  const printer: Printer<Kind> = printers[expression.kind];
  return printer(expression, room);
}

function shift({ indent, column, tail }: Room, by: number): Room {
  return { indent, column: column + by, tail };
}

export function printArguments(args: readonly Argument[], room: Room): string {
  return printItems('(', args, room, printArgument) + ')';
}

function printArgument({ name, value }: Argument, room: Room): string {
  if (name === undefined) return printExpression(value, room);
  return `${name.text}=${printExpression(value, shift(room, name.text.length + 1))}`;
}

function printEntry({ key, isQuoted, value }: Entry, room: Room): string {
  const written = isQuoted ? encodeString(key.text) : key.text;
  return `${written}: ${printExpression(value, shift(room, written.length + 2))}`;
}

function printItems<Item>(
  opener: string,
  items: readonly Item[],
  room: Room,
  printItem: (item: Item, room: Room) => string,
): string {
  if (items.length === 0) return opener;
  const line = items.map((item) => printItem(item, flat)).join(', ');
  if (room.column === -Infinity) return opener + line;
  const indent = room.indent + step;
  const margin = ' '.repeat(indent);
  const lines = items.map(
    (item) => `${margin}${printItem(item, { indent, column: indent, tail: 1 })},\n`,
  );
  return `${opener}\n${lines.join('')}${' '.repeat(room.indent)}`;
}

/** Operands break in their own brackets until what follows fits; there is no break between them. */
function printLinks(
  operands: readonly Expression[],
  operators: readonly string[],
  room: Room,
): string {
  const behind = tails(operands, operators);
  let text = '';
  for (const [index, operand] of operands.entries()) {
    if (index > 0) text += ` ${operators[index - 1] ?? ''} `;
    const newline = text.lastIndexOf('\n');
    const column = newline === -1 ? room.column + text.length : text.length - newline - 1;
    const tail = room.tail + (behind[index] ?? 0);
    text += printExpression(operand, { indent: room.indent, column, tail });
  }
  return text;
}

/** Columns that stand behind each operand if nothing of it breaks. */
function tails(operands: readonly Expression[], operators: readonly string[]): number[] {
  const widths = operands.map(() => 0);
  for (let at = operands.length - 2; at >= 0; at -= 1) {
    const next = operands[at + 1];
    const width = next === undefined ? 0 : printFlat(next).length;
    widths[at] = (widths[at + 1] ?? 0) + width + (operators[at]?.length ?? 0) + 2;
  }
  return widths;
}

export function printNames(names: readonly Name[]): string {
  return names.map(({ text }) => text).join(', ');
}
