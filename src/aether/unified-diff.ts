// Unified diffs of migrated files, made from the edits themselves. They work on lines ended by LF, as
// `git apply` does; a CR, a missing final newline and odd bytes are carried through.

import { applyEdits, sortEdits } from './edit.ts';
import type { Edit } from './problem.ts';
import { encodeText, lineIndexAt, type Text } from './text.ts';

const context = 3;

type Block = {
  /** Index of the first line that changes, and one behind the last. */
  readonly from: number;
  readonly to: number;
  readonly made: readonly string[];
};

/** Bytes of the diff; none where nothing changes. Paths are relative, with `/`. */
export function renderDiff(
  { text, hasBom }: Text,
  edits: readonly Edit[],
  path: string,
): Uint8Array {
  if (edits.length === 0) return new Uint8Array();
  const lines = splitLines(hasBom ? `\ufeff${text}` : text);
  const shift = hasBom ? 1 : 0;
  const moved = sortEdits(edits).map(({ start, end, text: made }) => ({
    start: start + shift,
    end: end + shift,
    text: made,
  }));
  const blocks = findBlocks(lines, moved);
  const name = quotePath(path);
  const head = `--- ${name('a')}\n+++ ${name('b')}\n`;
  const body = renderHunks(lines, blocks);
  return encodeText({ text: head + body, hasBom: false });
}

/** Each with its LF; an empty text has no line. */
function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function findBlocks(lines: readonly string[], edits: readonly Edit[]): Block[] {
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length);
  return groupByLines(starts, edits).map(({ from, to, edits: own }) => {
    const base = starts[from] ?? 0;
    const local = own.map(({ start, end, text }) => ({
      start: start - base,
      end: end - base,
      text,
    }));
    return { from, to, made: splitLines(applyEdits(lines.slice(from, to).join(''), local)) };
  });
}

type Touched = { readonly from: number; to: number; readonly edits: Edit[] };

/** Edits that touch the same lines belong together. */
function groupByLines(starts: readonly number[], edits: readonly Edit[]): Touched[] {
  const groups: Touched[] = [];
  const lastLine = Math.max(0, starts.length - 2);
  for (const edit of edits) {
    const first = Math.min(lastLine, lineIndexAt(starts, edit.start));
    const last = Math.min(lastLine, lineIndexAt(starts, Math.max(edit.start, edit.end - 1)));
    const group = groups.at(-1);
    if (group === undefined || first >= group.to)
      groups.push({ from: first, to: last + 1, edits: [edit] });
    else {
      group.edits.push(edit);
      group.to = Math.max(group.to, last + 1);
    }
  }
  return groups;
}

function renderHunks(lines: readonly string[], blocks: readonly Block[]): string {
  let out = '';
  let shift = 0;
  for (let at = 0; at < blocks.length;) {
    const group = takeGroup(blocks, at);
    at += group.length;
    const hunk = renderHunk(lines, group, shift);
    out += hunk.text;
    shift = hunk.shift;
  }
  return out;
}

/** Blocks whose surroundings touch share a hunk. */
function takeGroup(blocks: readonly Block[], at: number): Block[] {
  const group = blocks.slice(at, at + 1);
  for (const block of blocks.slice(at + 1)) {
    if (block.from - (group.at(-1)?.to ?? 0) > 2 * context) break;
    group.push(block);
  }
  return group;
}

function renderHunk(
  lines: readonly string[],
  group: readonly Block[],
  shift: number,
): { text: string; shift: number } {
  const from = Math.max(0, (group[0]?.from ?? 0) - context);
  const to = Math.min(lines.length, (group.at(-1)?.to ?? 0) + context);
  const out: string[] = [];
  let added = 0;
  let at = from;
  for (const block of group) {
    const { from: start, to: end, made } = block;
    out.push(
      marked(' ', lines.slice(at, start)),
      marked('-', lines.slice(start, end)),
      marked('+', made),
    );
    added += made.length - (end - start);
    at = end;
  }
  out.push(marked(' ', lines.slice(at, to)));
  const ranges = `-${range(from, to - from)} +${range(from + shift, to - from + added)}`;
  return { text: `@@ ${ranges} @@\n${out.join('')}`, shift: shift + added };
}

function marked(sign: string, lines: readonly string[]): string {
  return lines.map((line) => mark(sign, line)).join('');
}

/** A range of no lines names the line before it. */
function range(from: number, length: number): string {
  return `${String(length === 0 ? from : from + 1)},${String(length)}`;
}

function mark(sign: string, line: string): string {
  return line.endsWith('\n') ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`;
}

/** A path as git writes it: quoted, with octal bytes, where it holds anything unusual. */
function quotePath(path: string): (side: 'a' | 'b') => string {
  if (/^[\x21\x23-\x5b\x5d-\x7e][\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(path))
    return (side) => `${side}/${path}`;
  const bytes = encodeText({ text: path, hasBom: false });
  const quoted = Array.from(bytes, quoteByte).join('');
  return (side) => `"${side}/${quoted}"`;
}

function quoteByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (character === '"' || character === '\\') return `\\${character}`;
  return byte >= 0x20 && byte < 0x7f ? character : `\\${byte.toString(8).padStart(3, '0')}`;
}
