// A parser of YAML descends by recursion, and a text that nests deeply enough ends not only the parsing
// but the process. So the depth is bounded from above before anything is parsed: brackets that are open
// at once, wherever they stand, and what a line can nest by its indentation.

/** Lists of records need four; the parser ends the process at some hundreds. */
const depthMax = 200;

/** The offset at which the text may nest deeper than any honest file; undefined when it does not. */
export function tooDeepAt(text: string): number | undefined {
  return deepBrackets(text) ?? deepIndent(text);
}

/* What is a comment, or text of a scalar, by its first character cannot nest. */
const brackets = /^[ \t]*#.*$|[[\]{}]/gm;

function deepBrackets(text: string): number | undefined {
  const bracket = new RegExp(brackets);
  let depth = 0;
  for (let found = bracket.exec(text); found !== null; found = bracket.exec(text)) {
    if (found[0] === '[' || found[0] === '{') depth += 1;
    else if (found[0] === ']' || found[0] === '}') depth = Math.max(0, depth - 1);
    if (depth > depthMax) return found.index;
  }
  return undefined;
}

/* Each level takes at least one of these at the start of a line. */
const indent = /^[ \t\-?:]+/gm;

function deepIndent(text: string): number | undefined {
  indent.lastIndex = 0;
  for (let found = indent.exec(text); found !== null; found = indent.exec(text))
    if (found[0].length > depthMax) return found.index;
  return undefined;
}
