import { collectSubjects, type Collector } from './collect-subjects.ts';
import { unreadable, type Reading } from './finding.ts';
import {
  countOf,
  fieldsOf,
  listOf,
  parseJson,
  placeAt,
  placeProblems,
  textOf,
  type Fields,
  type PathProblem,
} from './json-input.ts';
import type { JsonPath } from './locate-json.ts';

const statuses: ReadonlySet<string> = new Set(['passed', 'failed', 'skipped', 'pending', 'other']);

/** Subject: `suite/…/name`; of a test without suite its id, else its name. */
export function readCtrf(text: string): Reading {
  const parsed = parseJson(text);
  if ('problem' in parsed) return unreadable(parsed.problem);
  const results = fieldsOf(fieldsOf(parsed.value)['results']);
  const tests = listOf(results['tests']).map(fieldsOf);
  const faults = faultsOf(results, tests);
  if (faults.length > 0) return unreadable(...placeProblems(text, faults));
  const into = collectSubjects('ctrf');
  for (const each of tests) {
    const subject = subjectOf(each);
    into.judged(subject);
    readAnswer(each, { status: textOf(each['status']), subject }, into);
  }
  return into.end();
}

/** A broken report may have one fault per test; nobody reads more. */
const faultsMax = 20;

function faultsOf(results: Fields, tests: readonly Fields[]): readonly PathProblem[] {
  if (!Array.isArray(results['tests']))
    return [{ message: 'it has no list results.tests', path: ['results', 'tests'] }];
  const faults = tests.flatMap((each, index) => testFaults(each, ['results', 'tests', index]));
  return [...faults, ...summaryFaults(tests, fieldsOf(results['summary']))].slice(0, faultsMax);
}

function testFaults(each: Fields, path: JsonPath): readonly PathProblem[] {
  if (subjectOf(each) === '') return [{ message: 'a test has no name', path }];
  const { status } = each;
  if (typeof status === 'string' && statuses.has(status)) return [];
  const told = status === undefined ? 'no status' : `the unknown status ${JSON.stringify(status)}`;
  return [{ message: `a test has ${told}`, path: [...path, 'status'] }];
}

type Answer = { readonly status: string; readonly subject: string };

function readAnswer(each: Fields, { status, subject }: Answer, into: Collector): void {
  const message = textOf(each['message']) || textOf(each['rawStatus']) || status;
  if (status === 'passed' && each['flaky'] === true) into.flaky({ path: subject, message });
  if (status !== 'failed' && status !== 'other') return;
  into.found({
    class: status === 'failed' ? 'FAILURE' : 'ERROR',
    rule: textOf(each['type']) || status,
    message,
    subject,
    context: subject,
    ...placeAt(each['line']),
    ...attemptOf(each),
  });
}

function attemptOf(each: Fields): { readonly attempt?: number } {
  const retries = countOf(each['retries']) ?? 0;
  return retries === 0 ? {} : { attempt: retries + 1 };
}

function subjectOf(each: Fields): string {
  const suite = each['suite'];
  const suites = typeof suite === 'string' ? [suite] : listOf(suite).map(textOf);
  const named = suites.filter((part) => part !== '');
  const name = textOf(each['name']);
  if (named.length > 0 && name !== '') return [...named, name].join('/');
  return textOf(each['testId']) || textOf(each['id']) || name;
}

/** A report whose sums do not add up was cut or put together by hand. */
function summaryFaults(tests: readonly Fields[], summary: Fields): readonly PathProblem[] {
  return ['tests', ...statuses].flatMap((status) => {
    const stated = countOf(summary[status]);
    const there =
      status === 'tests' ? tests.length : tests.filter((each) => each['status'] === status).length;
    if (stated === undefined || stated === there) return [];
    const message = `the summary states ${String(stated)} ${status} and ${String(there)} are there`;
    return [{ message, path: ['results', 'summary', status] }];
  });
}
