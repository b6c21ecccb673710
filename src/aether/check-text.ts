// One file from its bytes to its answer.

import { checkScript } from './check.ts';
import {
  countMarks,
  directedDialect,
  findMarks,
  type Decision,
  type DialectId,
  type Mark,
} from './dialect.ts';
import { gatherLines, type Line, type Trouble } from './layout.ts';
import { scan, type Scanned } from './lex.ts';
import { bytesMax } from './limits.ts';
import { nestLines, type Nested } from './nest.ts';
import { parseFlat } from './parse-flat.ts';
import { parseScript, type Parsed } from './parse.ts';
import { isSyntaxError, problem, sortProblems, type Problem } from './problem.ts';
import { publishedRegistry, type Registry } from './registry.ts';
import type { RuleClass } from './rule.ts';
import { ruleClass } from './rules.ts';
import { decodeText, makeText, type Text } from './text.ts';
import type { Token } from './token-list.ts';
import type { Script } from './tree.ts';
import { matchForeign } from './foreign.ts';

export type CheckOptions = {
  readonly path?: string;
  readonly dialect?: DialectId;
  readonly registry?: Registry;
  readonly bytesMax?: number;
};

export type CheckedText = {
  readonly source: Text;
  /** Made anew each time: keep them while they are needed. */
  readonly tokens: readonly Token[];
  readonly decision: Decision;
  readonly script: Script;
  /** All diagnostics, sorted. */
  readonly problems: readonly Problem[];
  /** 0 or the class that the file answers with: 26, 27, 22, 20, 24, 25, the first present. */
  readonly code: RuleClass;
  /** The first diagnostic of that class. */
  readonly main: Problem | undefined;
};

const classOrder: readonly RuleClass[] = [26, 27, 22, 20, 24, 25];

export function checkBytes(bytes: Uint8Array, options: CheckOptions = {}): CheckedText {
  const limit = options.bytesMax ?? bytesMax;
  if (bytes.length > limit) return refuseSize(options.path ?? '', bytes.length, limit);
  return checkText(decodeText(options.path ?? '', bytes), options);
}

/** `content` may hold anything a string can; see `makeText`. */
export function checkString(content: string, options: CheckOptions = {}): CheckedText {
  return checkText(makeText(options.path ?? '', content), options);
}

function refuseSize(path: string, size: number, limit: number): CheckedText {
  const message = `the file has ${String(size)} bytes; the limit is ${String(limit)}`;
  const found = problem('E_LIMIT', null, message);
  const decision: Decision = { by: 'default', dialect: 'aether-1.1', marks: [] };
  const script = { body: [] };
  return {
    source: makeText(path, ''),
    tokens: [],
    decision,
    script,
    problems: [found],
    code: 20,
    main: found,
  };
}

export function checkText(source: Text, options: CheckOptions = {}): CheckedText {
  const layout = layOut(source);
  const { decision, reading } = decide(layout, options.dialect);
  const syntax = reading.problems;
  const registry = options.registry ?? publishedRegistry;
  const isRead = decision.dialect !== 'arrow' && decision.dialect !== 'brace';
  const meaning = isRead && !isSilent(syntax) ? checkScript(reading.script, registry, syntax) : [];
  const problems = sortProblems([...syntax, ...meaning, ...fileName(source.path)]);
  const { list } = layout.scanned;
  return {
    source,
    get tokens() {
      return list.toArray();
    },
    decision,
    script: reading.script,
    problems,
    ...judge(problems),
  };
}

// A file without any statement has nothing to be judged.
function isSilent(syntax: readonly Problem[]): boolean {
  return syntax.some(({ code }) => code === 'E_PARSE_EMPTY');
}

function fileName(path: string): Problem[] {
  if (path === '' || path === '-' || path.endsWith('.aether')) return [];
  return [problem('W_FILE_NAME', null, "the file name does not end in '.aether'")];
}

/** The class a set of diagnostics answers with, and the first diagnostic of it. */
export function judge(problems: readonly Problem[]): Pick<CheckedText, 'code' | 'main'> {
  const errors = problems.filter(({ severity }) => severity === 'error');
  for (const code of classOrder) {
    const main = errors.find((each) => ruleClass(each.code) === code);
    if (main !== undefined) return { code, main };
  }
  return { code: 0, main: undefined };
}

type Layout = {
  readonly source: Text;
  readonly scanned: Scanned;
  readonly flat: readonly Line[];
  readonly nested: Nested;
  readonly marks: readonly Mark[];
};

function layOut(source: Text): Layout {
  const scanned = scan(source.text);
  const flat = gatherLines(scanned);
  const nested = nestLines(flat);
  return { source, scanned, flat, nested, marks: findMarks(flat) };
}

type Decided = { readonly decision: Decision; readonly reading: Parsed };

function decide(layout: Layout, wanted: DialectId | undefined): Decided {
  const { scanned, marks, source } = layout;
  if (wanted !== undefined) return settle(layout, { by: 'option', dialect: wanted, marks });
  const directed = directedDialect(scanned.list, source.lineStarts);
  if (directed !== undefined) return settle(layout, { by: 'comment', dialect: directed, marks });
  return marks.length === 0 ? decideUnmarked(layout) : decideMarked(layout);
}

function settle(layout: Layout, decision: Decision): Decided {
  return { decision, reading: readAs(layout, decision.dialect) };
}

const longFile = 10;

// In a long file one line alone decides nothing: it may be a slip, and a slip must stay an error.
function isLong({ source }: Layout): boolean {
  const last = source.lineStarts.at(-1) ?? 0;
  const lines = source.lineStarts.length - (last === source.text.length ? 1 : 0);
  return lines >= longFile;
}

function decideMarked(layout: Layout): Decided {
  const { marks } = layout;
  const [most] = countMarks(marks);
  const published = settle(layout, { by: 'marks', dialect: 'aether-1.1', marks });
  if (most === undefined || most.dialect === 'aether-1.1') return published;
  const other = settle(layout, { by: 'marks', dialect: most.dialect, marks });
  if (!isLong(layout) || most.count > 1) return other;
  const isClear = most.dialect === 'indent' && syntaxErrors(other) + 2 <= syntaxErrors(published);
  return isClear ? other : published;
}

function decideUnmarked(layout: Layout): Decided {
  const published = settle(layout, { by: 'default', dialect: 'aether-1.1', marks: [] });
  const errors = syntaxErrors(published);
  if (errors === 0 || layout.flat.length === 0) return published;
  const flat = settle(layout, { by: 'default', dialect: 'line', marks: [] });
  const margin = isLong(layout) ? 2 : 1;
  return syntaxErrors(flat) + margin <= errors ? flat : published;
}

function syntaxErrors({ reading }: Decided): number {
  return reading.problems.filter(isSyntaxError).length;
}

function readAs(layout: Layout, dialect: DialectId): Parsed {
  const { source, scanned, flat, nested, marks } = layout;
  if (dialect === 'arrow' || dialect === 'brace')
    return { script: { body: [] }, problems: matchForeign(source.text, dialect, marks) };
  const foreign = foreignLines(marks, dialect);
  const { text } = source;
  const lines = dialect === 'line' ? flat : nested.lines;
  const parsed =
    dialect === 'line'
      ? parseFlat({ text, lines, foreign })
      : parseScript({ text, lines, foreign, isIndent: dialect === 'indent' });
  const problems = [...parsed.problems, ...looseProblems(scanned, parsed.problems)];
  if (nested.tooDeep !== undefined && dialect !== 'line') problems.push(tooDeep(nested.tooDeep));
  if (flat.length === 0 && problems.length === 0)
    problems.push(problem('E_PARSE_EMPTY', null, 'the file has no statement'));
  return { script: parsed.script, problems };
}

function tooDeep({ first }: Line): Problem {
  const span = { start: first.start, end: first.end };
  return problem('E_LIMIT', span, 'blocks are nested too deep');
}

const everyLine = new Set(['E_LEX_UTF8', 'E_LEX_CONTROL', 'E_LEX_TAB']);

/** What is wrong wherever it stands, and what no statement has reported; plus harmless escapes. */
function looseProblems({ faults, escapes }: Scanned, reported: readonly Problem[]): Problem[] {
  const known = new Set(reported.map(({ code, span }) => `${code}@${String(span?.start)}`));
  const loose = faults
    .filter(({ code, span }) => everyLine.has(code) && !known.has(`${code}@${String(span.start)}`))
    .map(({ code, span, message }) => problem(code, span, message));
  return [...loose, ...escapes.map((span) => problem('W_LEX_ESCAPE', span, 'no such escape'))];
}

const ownMarks: Readonly<Record<'aether-1.1' | 'line' | 'indent', ReadonlySet<string>>> = {
  'aether-1.1': new Set(['aether-1.1']),
  line: new Set(),
  indent: new Set(['indent']),
};

const overridable = new Set([undefined, 'E_LEX_CHAR', 'E_PARSE_UNBALANCED']);

/** Lines that another dialect has marked, as the error that they are in this one. */
function foreignLines(
  marks: readonly Mark[],
  dialect: 'aether-1.1' | 'line' | 'indent',
): Map<Line, Trouble> {
  const foreign = new Map<Line, Trouble>();
  for (const mark of marks) {
    const { line } = mark;
    if (ownMarks[dialect].has(mark.dialect) || !overridable.has(line.trouble?.code)) continue;
    if (isReadable(mark, dialect)) continue;
    const span = { start: line.first.start, end: line.first.end };
    const message = `this line is written in dialect '${mark.dialect}'`;
    foreign.set(line, { code: 'E_DIALECT_LINE', span, message });
  }
  return foreign;
}

/** A mark that the dialect can read nevertheless, or that it reports by a better name. */
function isReadable(mark: Mark, dialect: 'aether-1.1' | 'line' | 'indent'): boolean {
  if (mark.isHeader) return true;
  if (dialect !== 'indent' || mark.dialect !== 'aether-1.1') return false;
  return mark.line.last.value !== ':' || mark.line.first.value === '-';
}
