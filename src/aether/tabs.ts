// What an indenting tab was meant to be. It counts four blanks unless the lines around it, which have
// none, say otherwise: one tab is one error and must not tear its block apart.

import { looksLikeHeader } from './header.ts';
import type { Line } from './layout.ts';

export function settleTabs(flat: readonly Line[]): void {
  for (const [index, line] of flat.entries()) {
    const before = flat[index - 1];
    if (!line.hasTab || before === undefined || before.hasTab) continue;
    const after = flat[index + 1];
    const next = after === undefined || after.hasTab ? -1 : after.indent;
    line.indent = looksLikeHeader(before)
      ? childIndent(flat, index, next)
      : siblingIndent(flat, index, next);
  }
}

// Lines looked at in either direction, which keeps the whole reading linear.
const reach = 64;

/** Below a header: as deep as the next line, unless that one is a child of this line. */
function childIndent(flat: readonly Line[], index: number, next: number): number {
  const line = flat[index];
  const parent = flat[index - 1]?.indent ?? 0;
  if (next <= parent) return parent + 1;
  if (line === undefined || !looksLikeHeader(line)) return next;
  const later = flat.slice(index + 1, index + reach);
  const end = later.findIndex(({ indent }) => indent <= parent);
  const block = end === -1 ? later : later.slice(0, end);
  const neighbour = block.find(({ indent }) => indent < next);
  return neighbour?.indent ?? Math.floor((parent + next) / 2);
}

/** Otherwise an open level: the one four blanks would be, or one that holds lines of this kind. */
function siblingIndent(flat: readonly Line[], index: number, next: number): number {
  const line = flat[index];
  const before = flat[index - 1];
  if (line === undefined || before === undefined) return 0;
  if (next === before.indent && isAlike(line, before)) return next;
  const open = openLines(flat, index).filter((each) => isAlike(line, each));
  const exact = open.find(({ indent }) => indent === line.indent);
  return exact?.indent ?? open[0]?.indent ?? before.indent;
}

/** The last line of each open level, deepest first. */
function openLines(flat: readonly Line[], index: number): Line[] {
  const open: Line[] = [];
  for (let at = index - 1; at >= Math.max(0, index - reach); at -= 1) {
    const line = flat[at];
    if (line !== undefined && line.indent < (open.at(-1)?.indent ?? Infinity)) open.push(line);
  }
  return open;
}

function isAlike(line: Line, other: Line): boolean {
  const word = line.first.value;
  const otherWord = other.first.value;
  if (word === 'else' || word === 'elif') return otherWord === 'if' || otherWord === 'elif';
  return (word === '-') === (otherWord === '-');
}
