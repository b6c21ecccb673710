// Logical lines → a tree by indentation. Each level remembers which siblings it belongs to; a line
// whose indentation fits no level opens an alias of the nearest one, so its neighbours pass.

import type { Line } from './layout.ts';
import { blockDepthMax } from './limits.ts';
import { settleTabs } from './tabs.ts';

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
  if (popped !== undefined && line.indent > top.indent + 1 && isLonelyOverIndent(popped, line)) {
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
