// Logical lines → a tree by indentation. Each level remembers which siblings it belongs to; a line
// whose indentation fits no level opens an alias of the nearest one, so its neighbours pass.

import type { Line } from './layout.ts';
import { blockDepthMax } from './limits.ts';

type Level = {
  indent: number;
  readonly siblings: Line[];
  readonly depth: number;
  readonly isAlias: boolean;
};

export type Nested = {
  readonly lines: Line[];
  /** The first line nested too deep, with everything below it left out of the tree. */
  readonly tooDeep?: Line;
};

export function nestLines(flat: readonly Line[]): Nested {
  settleTabs(flat);
  const root: Level = { indent: 0, siblings: [], depth: 0, isAlias: false };
  const levels = [root];
  let tooDeep: Line | undefined;
  for (const line of flat) {
    placeLine(levels, line);
    if ((levels.at(-1)?.depth ?? 0) > blockDepthMax) tooDeep ??= line;
  }
  if (tooDeep !== undefined) prune(root.siblings);
  return { lines: root.siblings, ...(tooDeep === undefined ? {} : { tooDeep }) };
}

function placeLine(levels: Level[], line: Line): void {
  let popped: Level | undefined;
  let top = topOf(levels);
  while (top.indent > line.indent) {
    popped = levels.pop();
    top = topOf(levels);
  }
  if (line.indent > top.indent) top = openLevel(levels, top, popped, line);
  top.siblings.push(line);
}

function topOf(levels: readonly Level[]): Level {
  const top = levels.at(-1);
  if (top === undefined) throw new Error('the root level is never left');
  return top;
}

function openLevel(levels: Level[], top: Level, popped: Level | undefined, line: Line): Level {
  const parent = top.siblings.at(-1);
  if (popped === undefined && parent !== undefined) return enter(levels, parent, top.depth, line);
  if (popped !== undefined && isLonelyOverIndent(popped, line)) {
    const first = popped.siblings[0];
    if (first !== undefined && !first.hasTab) first.indentTrouble = 'E_INDENT_UNEXPECTED';
    popped.indent = line.indent;
    levels.push(popped);
    return popped;
  }
  if (!line.hasTab)
    line.indentTrouble = popped === undefined ? 'E_INDENT_UNEXPECTED' : 'E_INDENT_DEDENT';
  return alias(levels, top, line);
}

function enter(levels: Level[], parent: Line, depth: number, line: Line): Level {
  const level = {
    indent: line.indent,
    siblings: parent.children,
    depth: depth + 1,
    isAlias: false,
  };
  levels.push(level);
  return level;
}

function alias(levels: Level[], { siblings, depth }: Level, { indent }: Line): Level {
  const level = { indent, siblings, depth, isAlias: true };
  levels.push(level);
  return level;
}

/** One line, one space too deep, before neighbours that agree: that line is the odd one. */
function isLonelyOverIndent({ indent, siblings, isAlias }: Level, line: Line): boolean {
  return !isAlias && siblings.length === 1 && indent - line.indent === 1;
}

// Without recursion, because what is pruned may be nested arbitrarily deep.
function prune(roots: Line[]): void {
  let level = roots;
  for (let depth = 0; depth < blockDepthMax; depth += 1)
    level = level.flatMap((line) => line.children);
  for (const line of level) {
    line.isCut = line.children.length > 0;
    line.children.length = 0;
  }
}

const headWords = new Set(
  'meta policy require plugin_contract on_error workflow parallel transaction steps if elif else for while'.split(
    ' ',
  ),
);

/** Whether deeper lines below this one are expected, judged by its looks alone. */
export function looksLikeHeader({ tokens }: Line): boolean {
  const first = tokens[0]?.value ?? '';
  if (tokens.at(-1)?.value === ':' || headWords.has(first.toLowerCase())) return true;
  return first === '-' && tokens[1]?.value === 'when';
}

/** A tab counts four blanks unless the lines around it say what was meant. */
function settleTabs(flat: readonly Line[]): void {
  for (const [index, line] of flat.entries()) {
    const before = flat[index - 1];
    if (!line.hasTab || before === undefined || before.hasTab) continue;
    const after = flat[index + 1];
    const next = after === undefined || after.hasTab ? -1 : after.indent;
    if (looksLikeHeader(before)) line.indent = Math.max(next, before.indent + 1);
    else if (next === before.indent || !isOpenIndent(flat, index, line.indent))
      line.indent = before.indent;
  }
}

// Looks back over a bounded number of lines for one that is indented so.
const lookback = 64;

function isOpenIndent(flat: readonly Line[], index: number, indent: number): boolean {
  const recent = flat.slice(Math.max(0, index - lookback), index);
  return indent === 0 || recent.some((line) => line.indent === indent);
}
