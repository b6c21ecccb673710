// Walks JUnit XML as its many writers produce it: nested suites, cases beside suites, several
// answers per case. It keeps one case at a time, so a report of any length needs flat memory. A
// document type is refused, so there are no entities but XML's own five.

import { SaxesParser, type SaxesTagPlain } from 'saxes';
import type { ReportedCase } from '../ports/overlays.ts';
import { reportLimits, shorten, type ReportPlace } from './test-report.ts';

type Verdict = ReportedCase['verdict'];

/** One answer inside a case: `failure`, `error`, `skipped` and the like. */
export type JunitResult = {
  readonly element: string;
  readonly verdict: Verdict;
  /** Attribute `type`, often the class of an exception; empty when there is none. */
  readonly type: string;
  /** Attribute `message`, else the text inside, trimmed. */
  readonly message: string;
  /** Marked as still to do: a failure beside it is excused. */
  readonly todo: boolean;
};

export type JunitCase = {
  /** Names of the suites around it, outermost first, without empty ones. */
  readonly suites: readonly string[];
  readonly className: string;
  readonly name: string;
  readonly durationMs: number | undefined;
  /** 1-based line of the test in its own source, where the writer tells. */
  readonly line: number | undefined;
  readonly results: readonly JunitResult[];
  /** The answer that counts. */
  readonly worst: JunitResult | undefined;
};

export type JunitVisitor = {
  readonly onCase: (each: JunitCase) => void;
  /** A suite that failed as a whole: nobody knows which cases it lost. */
  readonly onSuiteResult: (suites: readonly string[], result: JunitResult) => void;
  /** What is wrong with the report itself, and how far it was read when that was noticed. */
  readonly onProblem: (problem: string, place: ReportPlace) => void;
};

export type JunitWalker = {
  readonly write: (chunk: string) => void;
  /** Must be called once at the end; a report that was cut off is noticed here. */
  readonly close: () => void;
  readonly stopped: () => boolean;
};

type OpenSuite = {
  readonly name: string;
  readonly place: ReportPlace;
  readonly declared: { readonly tests: number; readonly failures: number; readonly errors: number };
  readonly casesBefore: number;
  readonly passedBefore: number;
};

type OpenResult = { -readonly [Field in keyof JunitResult]: JunitResult[Field] } & {
  /** The message stands in an attribute; the text holds details. */
  readonly said: boolean;
};

type OpenCase = Omit<JunitCase, 'results' | 'worst'> & {
  readonly results: OpenResult[];
  worst: OpenResult | undefined;
};

type Walk = {
  readonly here: () => ReportPlace;
  readonly visitor: JunitVisitor;
  readonly casesMax: number;
  readonly stack: string[];
  readonly suites: OpenSuite[];
  /** Names of the open suites; the same list for all cases of a suite. */
  names: readonly string[];
  cases: number;
  passed: number;
  open: OpenCase | undefined;
  stopped: boolean;
};

const results: ReadonlyMap<string, Verdict> = new Map<string, Verdict>([
  ['failure', 'failed'],
  ['error', 'error'],
  ['skipped', 'inconclusive'],
  // The case passed only after another try, which is not a pass here.
  ['flakyFailure', 'inconclusive'],
  ['flakyError', 'inconclusive'],
  ['rerunFailure', 'failed'],
  ['rerunError', 'error'],
]);

/** Never throws, whatever is written. */
export function walkJunit(visitor: JunitVisitor, casesMax: number): JunitWalker {
  const parser = new SaxesParser();
  const walk: Walk = {
    // At the end of a text nothing stands; its last character is what a person looks at.
    here: () => ({ line: parser.line, column: Math.max(1, parser.columnIndex) }),
    ...{ visitor, casesMax, stack: [], suites: [], names: [] },
    ...{ cases: 0, passed: 0, open: undefined, stopped: false },
  };
  listen(parser, walk);
  return {
    write: (chunk) => {
      if (!walk.stopped) parser.write(chunk);
    },
    close: () => {
      if (!walk.stopped) parser.close();
    },
    stopped: () => walk.stopped,
  };
}

function listen(parser: SaxesParser, walk: Walk): void {
  parser.on('error', ({ message }) => {
    // The parser's message begins with the place, which is told apart.
    stop(walk, `not well-formed: ${shorten(message.replace(/^\d+:\d+: /, ''))}`);
  });
  parser.on('doctype', () => {
    stop(walk, 'a document type is refused');
  });
  parser.on('opentag', (tag) => {
    if (!walk.stopped) openTag(walk, tag);
  });
  parser.on('closetag', (tag) => {
    if (!walk.stopped) closeTag(walk, tag.name);
  });
  const onText = (text: string) => {
    const result = walk.open?.results.at(-1);
    if (result === undefined || result.said || !results.has(walk.stack.at(-1) ?? '')) return;
    if (result.message.length < reportLimits.messageLength)
      result.message = shorten(`${result.message}${text}`.trimStart());
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
}

function stop(walk: Walk, problem: string): void {
  if (!walk.stopped) walk.visitor.onProblem(problem, walk.here());
  walk.stopped = true;
}

const attribute = (tag: SaxesTagPlain, name: string): string | undefined =>
  Object.hasOwn(tag.attributes, name) ? tag.attributes[name] : undefined;

const count = (tag: SaxesTagPlain, name: string): number => {
  const value = attribute(tag, name);
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : 0;
};

const isSuite = (name: string): boolean => name === 'testsuites' || name === 'testsuite';

function openTag(walk: Walk, tag: SaxesTagPlain): void {
  if (walk.stack.length === 0 && !isSuite(tag.name))
    stop(walk, `<${shorten(tag.name)}> is no test report`);
  if (walk.stack.length >= reportLimits.depth) stop(walk, 'elements are nested too deeply');
  walk.stack.push(tag.name);
  if (isSuite(tag.name)) openSuite(walk, tag);
  else if (tag.name === 'testcase') openCase(walk, tag);
  else openResult(walk, tag, results.get(tag.name));
}

function openSuite(walk: Walk, tag: SaxesTagPlain): void {
  if (walk.open !== undefined) stop(walk, 'a suite stands inside a case');
  walk.suites.push({
    name: tag.name === 'testsuites' ? '' : shorten(attribute(tag, 'name') ?? ''),
    place: walk.here(),
    declared: {
      tests: count(tag, 'tests'),
      failures: count(tag, 'failures'),
      errors: count(tag, 'errors'),
    },
    casesBefore: walk.cases,
    passedBefore: walk.passed,
  });
  walk.names = suiteNames(walk);
}

function openCase(walk: Walk, tag: SaxesTagPlain): void {
  if (walk.open !== undefined) {
    stop(walk, 'a case stands inside a case');
    return;
  }
  if (walk.cases >= walk.casesMax) {
    stop(walk, 'there are too many cases');
    return;
  }
  const line = count(tag, 'line');
  walk.open = {
    suites: walk.names,
    className: shorten(attribute(tag, 'classname') ?? ''),
    name: shorten(attribute(tag, 'name') ?? ''),
    durationMs: durationOf(tag),
    line: line > 0 ? line : undefined,
    results: notRunResults(tag),
    worst: undefined,
  };
}

const suiteNames = ({ suites }: Walk): readonly string[] =>
  suites.map(({ name }) => name).filter((name) => name !== '');

const durationOf = (tag: SaxesTagPlain): number | undefined => {
  const time = attribute(tag, 'time');
  const seconds = time === undefined ? NaN : Number(time);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.round(seconds * 1000) : undefined;
};

/** Some writers say only in an attribute that a case did not run. */
const notRunResults = (tag: SaxesTagPlain): OpenResult[] => {
  const status = attribute(tag, 'status') ?? attribute(tag, 'result');
  if (status === undefined || !/^(notrun|disabled|skipped|suppressed)$/i.test(status)) return [];
  const said = { message: `status ${status}`, said: true, todo: false };
  return [{ element: 'skipped', verdict: 'inconclusive', type: '', ...said }];
};

function openResult(walk: Walk, tag: SaxesTagPlain, verdict: Verdict | undefined): void {
  if (verdict === undefined) return;
  const message = shorten(attribute(tag, 'message') ?? '');
  const type = shorten(attribute(tag, 'type') ?? '');
  const todo = type === 'todo' && tag.name === 'skipped';
  const result = { element: tag.name, verdict, type, message, said: message !== '', todo };
  if (walk.open !== undefined) walk.open.results.push(result);
  else if (verdict !== 'inconclusive') walk.visitor.onSuiteResult(walk.names, result);
}

function closeTag(walk: Walk, name: string): void {
  walk.stack.pop();
  if (name === 'testcase') closeCase(walk);
  else if (isSuite(name)) closeSuite(walk);
}

function closeCase(walk: Walk): void {
  const { open } = walk;
  walk.open = undefined;
  if (open === undefined) return;
  const worst = open.results.length === 0 ? undefined : worstOf(open.results);
  walk.cases += 1;
  if (worst === undefined) walk.passed += 1;
  open.worst = worst;
  walk.visitor.onCase(open);
}

const worstFirst = ['failed', 'error', 'inconclusive'] as const;

function worstOf(found: readonly OpenResult[]): OpenResult | undefined {
  for (const result of found) result.message = result.message.trim();
  const todo = found.find((result) => result.todo);
  if (todo !== undefined) return todo;
  const worst = worstFirst.find((verdict) => found.some((result) => result.verdict === verdict));
  return found.find((result) => result.verdict === worst);
}

/**
 * Writers count nested cases or only their own; fewer than declared is a loss either way. A case that
 * passed and then failed to clean up is counted twice by some, once of them as an error.
 */
function closeSuite(walk: Walk): void {
  const suite = walk.suites.pop();
  walk.names = suiteNames(walk);
  if (suite === undefined) return;
  const inside = walk.cases - suite.casesBefore;
  const passed = walk.passed - suite.passedBefore;
  const where = suite.name === '' ? '' : ` in ${suite.name}`;
  const { tests, failures, errors } = suite.declared;
  if (inside < tests - errors)
    walk.visitor.onProblem(
      `${String(tests)} cases are declared${where} and ${String(inside)} are there`,
      suite.place,
    );
  // An excused failure of a case still to do is counted by some writers.
  if (failures + errors > 0 && inside === passed)
    walk.visitor.onProblem(`failures are declared${where} and none is there`, suite.place);
}
