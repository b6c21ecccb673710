import { expect, test } from 'vitest';
import { walkJunit, type JunitCase } from '../../src/evidence/walk-junit.ts';

function walk(chunks: readonly string[], casesMax = 10) {
  const cases: JunitCase[] = [];
  const suites: string[] = [];
  const problems: string[] = [];
  const walker = walkJunit(
    {
      onCase: (each) => cases.push(each),
      onSuiteResult: (names, { element }) => suites.push(`${names.join('/')}:${element}`),
      onProblem: (problem) => problems.push(problem),
    },
    casesMax,
  );
  for (const chunk of chunks) walker.write(chunk);
  walker.close();
  return { cases, suites, problems };
}

const report =
  '<testsuites><testsuite name="s"><testcase classname="c" name="a" line="7"><failure type="E">why' +
  '</failure></testcase><testcase name="b"/><error message="setup"/></testsuite></testsuites>';

test('a case says where it stands and how it ended', () => {
  const { cases, suites, problems } = walk([report]);
  expect(problems).toEqual([]);
  expect(suites).toEqual(['s:error']);
  expect(
    cases.map(({ suites: names, className, name, line }) => [names, className, name, line]),
  ).toEqual([
    [['s'], 'c', 'a', 7],
    [['s'], '', 'b', undefined],
  ]);
  expect(cases[0]?.worst).toMatchObject({ verdict: 'failed', type: 'E', message: 'why' });
});

test('where chunks end does not matter', () => {
  const whole = walk([report]);
  for (let at = 0; at <= report.length; at += 1)
    expect(walk([report.slice(0, at), report.slice(at)])).toEqual(whole);
});

test('more cases than allowed stop it', () => {
  const { cases, problems } = walk([report], 1);
  expect(cases.length).toBe(1);
  expect(problems).toEqual(['there are too many cases']);
});
