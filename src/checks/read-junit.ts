// Reads JUnit XML as its many writers produce it: nested suites, cases beside suites, several
// verdicts per case. A document type is refused, so there are no entities but XML's own five.

import { SaxesParser, type SaxesTagPlain } from 'saxes';
import type { ReportedCase, TestReport } from '../ports/overlays.ts';
import { makeReport, reportLimits, shorten } from './test-report.ts';

type Verdict = ReportedCase['verdict'];

type OpenSuite = {
  readonly name: string;
  readonly declared: { readonly tests: number; readonly failures: number; readonly errors: number };
  readonly casesBefore: number;
};

type OpenResult = {
  readonly verdict: Verdict;
  message: string;
  /** The message stands in an attribute; the text holds details. */
  readonly said: boolean;
  /** Marked as still to do: a failure beside it is excused. */
  readonly todo: boolean;
};

type OpenCase = {
  readonly suites: readonly string[];
  readonly name: string;
  readonly durationMs: number | undefined;
  readonly results: OpenResult[];
};

type Reading = {
  readonly stack: string[];
  readonly suites: OpenSuite[];
  readonly cases: ReportedCase[];
  readonly problems: string[];
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
const chunkLength = 1 << 16;

/** Whether an output claims to be JUnit XML. */
export const looksLikeJunit = (text: string): boolean =>
  /^\uFEFF?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->)[\s\S])*-->\s*)*<testsuites?[\s/>]/.test(
    text.slice(0, chunkLength),
  );

/** Never throws. */
export function readJunit(text: string): TestReport {
  const reading: Reading = {
    stack: [],
    suites: [],
    cases: [],
    problems: [],
    open: undefined,
    stopped: false,
  };
  const parser = makeParser(reading);
  for (let at = 0; at < text.length && !reading.stopped; at += chunkLength)
    parser.write(text.slice(at, at + chunkLength));
  if (!reading.stopped) parser.close();
  return makeReport(reading.cases, reading.problems);
}

function makeParser(reading: Reading): SaxesParser {
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    stop(reading, `not well-formed: ${shorten(error.message)}`);
  });
  parser.on('doctype', () => {
    stop(reading, 'a document type is refused');
  });
  parser.on('opentag', (tag) => {
    if (!reading.stopped) openTag(reading, tag);
  });
  parser.on('closetag', (tag) => {
    if (!reading.stopped) closeTag(reading, tag.name);
  });
  const onText = (text: string) => {
    const result = reading.open?.results.at(-1);
    const inside = results.has(reading.stack.at(-1) ?? '');
    if (result === undefined || !inside || result.said) return;
    if (result.message.length < reportLimits.messageLength)
      result.message = shorten(`${result.message}${text}`.trimStart());
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  return parser;
}

function stop(reading: Reading, problem: string): void {
  if (!reading.stopped) reading.problems.push(problem);
  reading.stopped = true;
}

const attribute = (tag: SaxesTagPlain, name: string): string | undefined =>
  Object.hasOwn(tag.attributes, name) ? tag.attributes[name] : undefined;

const count = (tag: SaxesTagPlain, name: string): number => {
  const value = attribute(tag, name) ?? '';
  return /^\d{1,9}$/.test(value) ? Number(value) : 0;
};

function openTag(reading: Reading, tag: SaxesTagPlain): void {
  if (reading.stack.length === 0 && tag.name !== 'testsuites' && tag.name !== 'testsuite')
    stop(reading, `<${shorten(tag.name)}> is no test report`);
  if (reading.stack.length >= reportLimits.depth) stop(reading, 'elements are nested too deeply');
  reading.stack.push(tag.name);
  if (tag.name === 'testsuites' || tag.name === 'testsuite') openSuite(reading, tag);
  else if (tag.name === 'testcase') openCase(reading, tag);
  else openResult(reading, tag, results.get(tag.name));
}

function openSuite(reading: Reading, tag: SaxesTagPlain): void {
  if (reading.open !== undefined) stop(reading, 'a suite stands inside a case');
  reading.suites.push({
    name: tag.name === 'testsuites' ? '' : shorten(attribute(tag, 'name') ?? ''),
    declared: {
      tests: count(tag, 'tests'),
      failures: count(tag, 'failures'),
      errors: count(tag, 'errors'),
    },
    casesBefore: reading.cases.length,
  });
}

function openCase(reading: Reading, tag: SaxesTagPlain): void {
  if (reading.open !== undefined) {
    stop(reading, 'a case stands inside a case');
    return;
  }
  if (reading.cases.length >= reportLimits.cases) {
    stop(reading, 'there are too many cases');
    return;
  }
  reading.open = {
    suites: suitesOf(reading, tag),
    name: shorten(attribute(tag, 'name') ?? ''),
    durationMs: durationOf(tag),
    results: notRunResults(tag),
  };
}

const suitesOf = (reading: Reading, tag: SaxesTagPlain): readonly string[] => {
  const className = attribute(tag, 'classname') ?? '';
  if (className !== '') return [shorten(className)];
  return reading.suites.map((suite) => suite.name).filter((name) => name !== '');
};

const durationOf = (tag: SaxesTagPlain): number | undefined => {
  const seconds = Number(attribute(tag, 'time') ?? 'none');
  return Number.isFinite(seconds) && seconds >= 0 ? Math.round(seconds * 1000) : undefined;
};

/** Some writers say only in an attribute that a case did not run. */
const notRunResults = (tag: SaxesTagPlain): OpenCase['results'] => {
  const status = attribute(tag, 'status') ?? attribute(tag, 'result') ?? '';
  return /^(notrun|disabled|skipped|suppressed)$/i.test(status)
    ? [{ verdict: 'inconclusive', message: `status ${status}`, said: true, todo: false }]
    : [];
};

function openResult(reading: Reading, tag: SaxesTagPlain, verdict: Verdict | undefined): void {
  if (verdict === undefined) return;
  const message = shorten(attribute(tag, 'message') ?? '');
  if (reading.open === undefined) {
    // A suite that failed as a whole: nobody knows which cases it lost.
    if (verdict !== 'inconclusive')
      reading.problems.push(`a suite has <${tag.name}>${message === '' ? '' : `: ${message}`}`);
    return;
  }
  const todo = attribute(tag, 'type') === 'todo' && tag.name === 'skipped';
  reading.open.results.push({ verdict, message, said: message !== '', todo });
}

function closeTag(reading: Reading, name: string): void {
  reading.stack.pop();
  if (name === 'testcase') closeCase(reading);
  else if (name === 'testsuite' || name === 'testsuites') closeSuite(reading);
}

function closeCase(reading: Reading): void {
  const open = reading.open;
  reading.open = undefined;
  if (open === undefined) return;
  const todo = open.results.find((result) => result.todo);
  const worst =
    todo ??
    (['failed', 'error', 'inconclusive'] as const)
      .map((verdict) => open.results.find((result) => result.verdict === verdict))
      .find((result) => result !== undefined);
  reading.cases.push({
    suites: open.suites,
    name: open.name,
    verdict: worst?.verdict ?? 'passed',
    message: worst?.message.trim() ?? '',
    ...(open.durationMs === undefined ? {} : { durationMs: open.durationMs }),
  });
}

/**
 * Writers count nested cases or only their own; fewer than declared is a loss either way. A case that
 * passed and then failed to clean up is counted twice by some, once of them as an error.
 */
function closeSuite(reading: Reading): void {
  const suite = reading.suites.pop();
  if (suite === undefined) return;
  const inside = reading.cases.slice(suite.casesBefore);
  const where = suite.name === '' ? '' : ` in ${suite.name}`;
  const { tests, failures, errors } = suite.declared;
  if (inside.length < tests - errors)
    reading.problems.push(
      `${String(tests)} cases are declared${where} and ${String(inside.length)} are there`,
    );
  // An excused failure of a case still to do is counted by some writers.
  if (failures + errors > 0 && inside.every((each) => each.verdict === 'passed'))
    reading.problems.push(`failures are declared${where} and none is there`);
}
