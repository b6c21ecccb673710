// A unified diff between two texts of lines, as `git apply` reads it. Rows of a table stay where they
// are, so lines are paired from both ends and one by one in between; a text that gained or lost lines
// gets one hunk for all that differs.

const context = 3;

type Block = {
  /** Index of the first line, and one behind the last, in the old text and in the new one. */
  readonly oldFrom: number;
  readonly oldTo: number;
  readonly newFrom: number;
  readonly newTo: number;
};

/** Empty when nothing differs. `before` is undefined for a file that does not exist. Paths use `/`. */
export function renderPatch(before: string | undefined, after: string, path: string): string {
  if (before === after) return '';
  const [was, is] = [linesOf(before ?? ''), linesOf(after)];
  const head =
    before === undefined
      ? `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n`
      : `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n`;
  return (
    head +
    hunksOf(blocksOf(was, is), was.length)
      .map((hunk) => renderHunk(hunk, was, is))
      .join('')
  );
}

/** Each with its line end; a text without any has no line. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function blocksOf(was: readonly string[], is: readonly string[]): readonly Block[] {
  if (was.length === is.length)
    return was.flatMap((line, at) =>
      line === is[at] ? [] : [{ oldFrom: at, oldTo: at + 1, newFrom: at, newTo: at + 1 }],
    );
  let start = 0;
  while (start < Math.min(was.length, is.length) && was[start] === is[start]) start += 1;
  let end = 0;
  const shorter = Math.min(was.length, is.length) - start;
  while (end < shorter && was[was.length - 1 - end] === is[is.length - 1 - end]) end += 1;
  return [{ oldFrom: start, oldTo: was.length - end, newFrom: start, newTo: is.length - end }];
}

/** Blocks whose surroundings touch belong to one hunk. */
function hunksOf(blocks: readonly Block[], lines: number): readonly (readonly Block[])[] {
  const hunks: Block[][] = [];
  for (const block of blocks) {
    const last = hunks.at(-1);
    const near = (last?.at(-1)?.oldTo ?? -lines) + 2 * context;
    if (last !== undefined && block.oldFrom <= near) last.push(block);
    else hunks.push([block]);
  }
  return hunks;
}

function renderHunk(
  blocks: readonly Block[],
  was: readonly string[],
  is: readonly string[],
): string {
  const [first, last] = [blocks[0], blocks.at(-1)];
  if (first === undefined || last === undefined) return '';
  const from = Math.max(0, first.oldFrom - context);
  const to = Math.min(was.length, last.oldTo + context);
  const shift = first.newFrom - first.oldFrom;
  const grown = last.newTo - last.oldTo - shift;
  const body: string[] = [];
  let at = from;
  for (const { oldFrom, oldTo, newFrom, newTo } of blocks) {
    body.push(...was.slice(at, oldFrom).map((line) => marked(' ', line)));
    body.push(...was.slice(oldFrom, oldTo).map((line) => marked('-', line)));
    body.push(...is.slice(newFrom, newTo).map((line) => marked('+', line)));
    at = oldTo;
  }
  body.push(...was.slice(at, to).map((line) => marked(' ', line)));
  const size = to - from;
  return `@@ -${range(from, size)} +${range(from + shift, size + grown)} @@\n${body.join('')}`;
}

/** An empty range is named by the line before it. */
const range = (from: number, size: number): string =>
  `${String(size === 0 ? from : from + 1)},${String(size)}`;

const marked = (mark: string, line: string): string =>
  line.endsWith('\n') ? mark + line : `${mark}${line}\n\\ No newline at end of file\n`;
