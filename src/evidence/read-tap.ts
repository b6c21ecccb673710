// Reads the Test Anything Protocol, versions 12 to 14, with indented subtests. What a program
// prints besides is ignored, as the protocol says; numbers, plans and nesting must be right.

import type { ReportedCase, TestReport } from '../ports/overlays.ts';
import { makeReport, reportLimits, shorten } from './test-report.ts';

export type TapCase = ReportedCase & {
  /** Numbers of the subtests around it and its own, outermost first: one more than `suites`. */
  readonly numbers: readonly number[];
  readonly directive?: 'skip' | 'todo';
};

export type TapProblem = {
  /** `plan`: cases are missing from the plan or beyond it; `broken`: the report cannot be trusted. */
  readonly kind: 'bail-out' | 'plan' | 'broken';
  readonly message: string;
  /** From 1, where it was noticed; of a plan that does not fit, the plan's. */
  readonly line: number;
};

export type TapReading = {
  readonly cases: readonly TapCase[];
  readonly problems: readonly TapProblem[];
};

type Level = {
  readonly indent: number;
  planned?: number;
  /** Line of the plan. */
  planLine?: number;
  points: number;
  /** A plan in the midst of points is malformed: points may follow a leading plan only. */
  pointsAtPlan?: number;
  readonly numbers: Set<number>;
  readonly cases: TapCase[];
};

type Reading = {
  readonly levels: Level[];
  readonly problems: TapProblem[];
  /** Cases of the subtest that has just ended; the next point of its parent sums them up. */
  ended: TapCase[] | undefined;
  bailed: boolean;
  /** Indent of an open YAML block. */
  yaml: number | undefined;
  /** Number of the line that is read, from 1. */
  line: number;
};

const point = /^(not )?ok\b(?:\s+(\d{1,9})\b)?(?:\s+-(?=\s|$))?\s*(.*)$/;
const plan = /^1\.\.(\d{1,9})(?:\s*#\s*(.*))?$/;
const directive = /(?:^|\s)(?<!\\)#\s*(skip|todo)\b\S*\s*(.*)$/i;
/** A longer line is no protocol line of an honest program; only its beginning is looked at. */
const lineLengthMax = 1 << 16;

/** Whether an output claims to be TAP: its first line that says anything is a version, plan or point. */
export function looksLikeTap(text: string): boolean {
  const first = /\S[^\n]*/.exec(text.slice(0, lineLengthMax))?.[0]?.trimEnd() ?? '';
  return /^TAP version \d+$/.test(first) || plan.test(first) || /^(not )?ok( |$)/.test(first);
}

/** A report as an overlay's answer: its cases and one verdict. Never throws. */
export function readTap(text: string): TestReport {
  const { cases, problems } = readTapCases(text);
  return makeReport(
    cases.map(({ suites, name, verdict, message }) => ({ suites, name, verdict, message })),
    problems.map(({ message }) => message),
  );
}

/** Never throws. */
export function readTapCases(text: string): TapReading {
  const reading: Reading = {
    levels: [newLevel(0)],
    problems: [],
    ended: undefined,
    bailed: false,
    yaml: undefined,
    line: 0,
  };
  for (const line of lines(text)) {
    if (reading.bailed) break;
    reading.line += 1;
    readLine(reading, line);
  }
  if (reading.yaml !== undefined) broken(reading, 'a YAML block has no end');
  while (reading.levels.length > 1) closeLevel(reading);
  // A subtest without a point of its parent is a process that ended too early.
  const root = reading.levels[0];
  if (reading.ended !== undefined && root !== undefined) {
    broken(reading, 'a subtest has no result of its own');
    root.cases.push(...reading.ended);
  }
  if (root !== undefined) checkPlan(reading, root);
  return { cases: root?.cases ?? [], problems: reading.problems };
}

function* lines(text: string): Generator<string> {
  let start = 0;
  while (start < text.length) {
    const end = text.indexOf('\n', start);
    const stop = end === -1 ? text.length : end;
    yield text.slice(start, Math.min(stop, start + lineLengthMax)).replace(/\r$/, '');
    start = stop + 1;
  }
}

function broken(reading: Reading, message: string): void {
  reading.problems.push({ kind: 'broken', message, line: Math.max(1, reading.line) });
}

const newLevel = (indent: number): Level => ({
  indent,
  points: 0,
  numbers: new Set(),
  cases: [],
});

function readLine(reading: Reading, line: string): void {
  const body = line.trimStart();
  const indent = line.length - body.length;
  if (reading.yaml !== undefined) {
    if (indent === reading.yaml && body.trimEnd() === '...') reading.yaml = undefined;
    return;
  }
  const planned = plan.exec(body);
  const pointed = planned === null ? point.exec(body) : null;
  if (planned === null && pointed === null) {
    readOther(reading, body, indent);
    return;
  }
  const level = levelAt(reading, indent);
  if (level === undefined) return;
  if (planned !== null) readPlan(reading, level, Number(planned[1]));
  else if (pointed !== null) readPoint(reading, level, pointed);
}

/** A bail-out, the start of a YAML block, or talk. */
function readOther(reading: Reading, body: string, indent: number): void {
  if (body.startsWith('Bail out!')) {
    reading.bailed = true;
    const reason = shorten(body.slice(9).trim() || 'no reason given');
    const message = `bailed out: ${reason}`;
    reading.problems.push({ kind: 'bail-out', message, line: reading.line });
    return;
  }
  if (body.trimEnd() === '---' && indent === (reading.levels.at(-1)?.indent ?? 0) + 2)
    reading.yaml = indent;
}

/** The level that a line's indent means, closing or opening levels; undefined when the line is no protocol line. */
function levelAt(reading: Reading, indent: number): Level | undefined {
  for (;;) {
    const level = reading.levels.at(-1);
    if (level === undefined || level.indent === indent) return level;
    if (level.indent < indent) break;
    closeLevel(reading);
  }
  const above = reading.levels.at(-1);
  if (above === undefined || indent !== above.indent + 4) return undefined;
  if (reading.levels.length >= reportLimits.depth) {
    broken(reading, 'subtests are nested too deeply');
    reading.bailed = true;
    return undefined;
  }
  // Two subtests without a point between them: the first one's sum is missing.
  if (reading.ended !== undefined) {
    broken(reading, 'a subtest has no result of its own');
    above.cases.push(...reading.ended);
    reading.ended = undefined;
  }
  const level = newLevel(indent);
  reading.levels.push(level);
  return level;
}

function closeLevel(reading: Reading): void {
  const level = reading.levels.pop();
  if (level === undefined) return;
  if (reading.ended !== undefined) {
    broken(reading, 'a subtest has no result of its own');
    level.cases.push(...reading.ended);
  }
  checkPlan(reading, level);
  reading.ended = level.cases;
}

function checkPlan(reading: Reading, level: Level): void {
  if (reading.bailed) return;
  const where = level.indent === 0 ? '' : ' in a subtest';
  const { planned, planLine: line = 1, points, numbers, pointsAtPlan } = level;
  if (planned === undefined) {
    if (points > 0) broken(reading, `there is no plan${where}`);
    return;
  }
  if (planned !== points)
    reading.problems.push({
      kind: 'plan',
      message: `the plan is ${String(planned)} and ${String(points)} were reported${where}`,
      line,
    });
  const outside = [...numbers].find((number) => number < 1 || number > planned);
  if (outside !== undefined)
    reading.problems.push({
      kind: 'plan',
      message: `number ${String(outside)} is outside the plan${where}`,
      line,
    });
  if (pointsAtPlan !== 0 && pointsAtPlan !== points)
    broken(reading, `the plan stands between results${where}`);
}

function readPlan(reading: Reading, level: Level, planned: number): void {
  if (level.planned !== undefined) broken(reading, 'there are two plans');
  level.planned = planned;
  level.planLine = reading.line;
  level.pointsAtPlan = level.points;
}

function readPoint(reading: Reading, level: Level, found: RegExpExecArray): void {
  level.points += 1;
  const number = found[2] === undefined ? level.points : Number(found[2]);
  if (level.numbers.has(number)) broken(reading, `number ${String(number)} came twice`);
  level.numbers.add(number);
  if (level.numbers.size > reportLimits.cases) {
    broken(reading, 'there are too many cases');
    reading.bailed = true;
    return;
  }
  const children = reading.ended;
  reading.ended = undefined;
  const own = readCase(found, number);
  if (children === undefined) level.cases.push(own);
  else level.cases.push(...summed(own, children));
}

function readCase(found: RegExpExecArray, number: number): TapCase {
  const text = found[3] ?? '';
  const said = directive.exec(text);
  const name = (said === null ? text : text.slice(0, said.index))
    .trim()
    .replace(/\\([#\\])/g, '$1');
  const base = {
    suites: [],
    numbers: [number],
    ...(said === null ? {} : { directive: directiveOf(said) }),
    name: name === '' ? `case ${String(number)}` : shorten(name),
  };
  if (said !== null) {
    const kind = directiveOf(said).toUpperCase();
    // A failure marked SKIP contradicts itself; only TODO may excuse one.
    if (kind !== 'SKIP' || found[1] === undefined)
      return {
        ...base,
        verdict: 'inconclusive',
        message: shorten(`${kind} ${said[2] ?? ''}`.trim()),
      };
  }
  return { ...base, verdict: found[1] === undefined ? 'passed' : 'failed', message: '' };
}

const directiveOf = (said: RegExpExecArray): 'skip' | 'todo' =>
  said[1]?.toLowerCase() === 'todo' ? 'todo' : 'skip';

/** A subtest's cases count in place of its sum, unless the sum is worse than they are. */
function summed(own: TapCase, children: readonly TapCase[]): readonly TapCase[] {
  if (children.length === 0) return [own];
  const named = children.map((child) => ({
    ...child,
    suites: [own.name, ...child.suites],
    numbers: [...own.numbers, ...child.numbers],
  }));
  if (own.verdict === 'inconclusive')
    return named.map((child) => ({
      ...child,
      ...(own.directive === undefined ? {} : { directive: own.directive }),
      verdict: 'inconclusive',
      message: own.message,
    }));
  if (own.verdict === 'failed' && named.every((child) => child.verdict !== 'failed'))
    return [...named, { ...own, message: 'none of its parts failed' }];
  return named;
}
