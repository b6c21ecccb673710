// Every reader says where a report is broken, not only that it is.

import { expect, test } from 'vitest';
import { readBaseline } from '../../src/findings/read-baseline.ts';
import { readCtrf } from '../../src/findings/read-ctrf.ts';
import { junitReader } from '../../src/findings/read-junit.ts';
import { readSarif } from '../../src/findings/read-sarif.ts';
import { readSubjects } from '../../src/findings/read-subjects.ts';
import { readTap } from '../../src/findings/read-tap.ts';
import type { InputProblem } from '../../src/findings/finding.ts';

function junit(text: string): readonly InputProblem[] {
  const reader = junitReader();
  reader.write(text);
  return reader.end().problems;
}
const ctrf = (text: string) => readCtrf(text).problems;
const sarif = (text: string) => readSarif(text).problems;
const tap = (text: string) => readTap(text).problems;
const subjects = (text: string) => readSubjects(text).reading.problems;
function baseline(text: string): readonly InputProblem[] {
  const reading = readBaseline(text);
  return 'problems' in reading ? reading.problems : [];
}

const header =
  '{"schema":"seatrial.subjects/v1","kinds":["tap"],"checker":"seatrial","subjects":1,"flaky":0,"waived":0}';
const subject = '{"path":"a","source":"tap","phase":"report","findings":[]}';
const file = '{"path": "a", "code_name": "SUCCESS"}';

type Read = (text: string) => readonly InputProblem[];

test.each<readonly [name: string, read: Read, text: string, place: string, message: RegExp]>([
  ['a tag that is not closed', junit, '<testsuite>\n<testcase>', '2:10', /unclosed tag: testcase/],
  [
    'another tag closed',
    junit,
    '<testsuite>\n  <testcase name="a"></x>',
    '2:25',
    /unexpected close/,
  ],
  ['an unknown entity', junit, '<testsuite>\n<testcase name="&nbsp;"/>', '2:22', /entity/],
  ['no test report', junit, '\n<html>', '2:6', /<html> is no test report/],
  [
    'fewer cases than declared',
    junit,
    '<testsuites>\n <testsuite name="s" tests="2">\n<testcase name="a"/></testsuite></testsuites>',
    '2:31',
    /2 cases are declared in s/,
  ],
  ['text behind the report', junit, '<testsuite/>\n\nbye', '3:4', /outside/],
  ['JSON that was cut off', ctrf, '{"results":\n{"tests":[', '2:11', /ends too early/],
  ['no list of tests', ctrf, '{"a":1,\n "results": {}}', '2:13', /no list results.tests/],
  [
    'an unknown status',
    ctrf,
    '{"results":{"tests":[\n{"name":"a","status":"passed"},\n{"name":"b","status":"fine"}]}}',
    '3:22',
    /unknown status "fine"/,
  ],
  [
    'a sum that is wrong',
    ctrf,
    '{"results":{"summary":{\n"failed":2},"tests":[{"name":"a","status":"passed"}]}}',
    '2:10',
    /states 2 failed and 0 are there/,
  ],
  ['another SARIF', sarif, '{\n"version":"1.0.0","runs":[{}]}', '2:11', /not SARIF 2.1.0/],
  [
    'a scan that found out nothing',
    sarif,
    '{"version":"2.1.0","runs":[{"results":[]},\n{"results":null}]}',
    '2:12',
    /scan unnamed has no list/,
  ],
  ['a point twice', tap, '1..2\nok 1\nok 1\n', '3:1', /came twice/],
  ['no plan', tap, 'ok 1\nok 2\n', '2:1', /no plan/],
  ['no header', subjects, '{"a":1}\n', '1:1', /no header/],
  ['a broken line', subjects, `${header}\n{"path":\n`, '2:9', /ends too early/],
  [
    'a line of another shape',
    subjects,
    `${header}\n${subject.replace('"a"', '1')}\n`,
    '2:9',
    /path/,
  ],
  ['a conflict marker', subjects, `${header}\n<<<<<<< ours\n`, '2:1', /conflict marker/],
  [
    'sums of a baseline',
    baseline,
    `{"files": [${file}],\n"total": 2, "by_code": {"SUCCESS": 1}}`,
    '2:10',
    /total is 2/,
  ],
  [
    'a file twice',
    baseline,
    `{"total": 2, "by_code": {"SUCCESS": 2}, "files": [${file},\n${file}]}`,
    '2:10',
    /twice/,
  ],
  [
    'a shape that is wrong',
    baseline,
    '{"total": 1,\n"by_code": 3, "files": []}',
    '2:12',
    /by_code/,
  ],
  ['a conflict marker in a baseline', baseline, '{\n=======\n}', '2:1', /findings merge/],
])('%s', (...[, read, text, place, message]) => {
  const [problem] = read(text);
  expect(problem?.message).toMatch(message);
  expect(`${String(problem?.place?.line)}:${String(problem?.place?.column)}`).toBe(place);
});
