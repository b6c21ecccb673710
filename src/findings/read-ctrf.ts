import { collectSubjects, type Collector } from './collect-subjects.ts';
import { unreadable, type Reading } from './finding.ts';
import {
  countOf,
  fieldsOf,
  listOf,
  parseJson,
  placeAt,
  textOf,
  type Fields,
} from './json-input.ts';

const statuses: ReadonlySet<string> = new Set(['passed', 'failed', 'skipped', 'pending', 'other']);

/** Subject: `suite/…/name`; of a test without suite its id, else its name. */
export function readCtrf(text: string): Reading {
  const parsed = parseJson(text);
  if ('problem' in parsed) return unreadable(parsed.problem);
  const results = fieldsOf(fieldsOf(parsed.value)['results']);
  if (!Array.isArray(results['tests'])) return unreadable('it has no list results.tests');
  const into = collectSubjects('ctrf');
  const tests = listOf(results['tests']).map(fieldsOf);
  for (const each of tests) readTest(each, into);
  checkSummary(tests, fieldsOf(results['summary']), into);
  return into.end();
}

function readTest(each: Fields, into: Collector): void {
  const status = textOf(each['status']);
  const subject = subjectOf(each);
  if (subject === '') into.problem('a test has no name');
  else if (!statuses.has(status))
    into.problem(`a test has the unknown status ${JSON.stringify(status)}`);
  else {
    into.judged(subject);
    readAnswer(each, { status, subject }, into);
  }
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
function checkSummary(tests: readonly Fields[], summary: Fields, into: Collector): void {
  for (const status of ['tests', ...statuses]) {
    const stated = countOf(summary[status]);
    const there =
      status === 'tests' ? tests.length : tests.filter((each) => each['status'] === status).length;
    if (stated !== undefined && stated !== there)
      into.problem(`the summary states ${String(stated)} ${status} and ${String(there)} are there`);
  }
}
