import { describe, expect, test } from 'vitest';
import { readExecuted, testFileOf } from '../../src/gates/executed-lines.ts';

const paths = { root: '/w' };
const tests = ['tests/test_a.py', 'test/a.test.ts', 'test/a.test.ts.snap', 'b.test.ts'];

describe('reports that keep tests apart', () => {
  test('LCOV: a TN for each test, in any number of parts', () => {
    const report =
      'TN:one\nSF:src/a.ts\nDA:1,1\nDA:2,0\nend_of_record\nTN:two\nSF:src/a.ts\nDA:2,3\nend_of_record\nTN:one\nSF:/w/src/b.ts\nDA:9,1\nend_of_record\n';
    const reading = readExecuted(report, paths);
    const found = 'tests' in reading ? reading.tests : new Map<string, never>();
    expect([...found.keys()]).toEqual(['one', 'two']);
    expect([...(found.get('one')?.keys() ?? [])]).toEqual(['src/a.ts', 'src/b.ts']);
    expect(found.get('two')?.get('src/a.ts')?.get(2)).toBe(true);
  });

  test('coverage.py: contexts of lines', () => {
    const report = JSON.stringify({
      meta: {},
      files: {
        '/w/src/a.py': {
          ...{ executed_lines: [1, 2], missing_lines: [3] },
          contexts: { 1: [''], 2: ['tests/test_a.py::test_b|run'] },
        },
      },
      totals: {},
    });
    const reading = readExecuted(report, paths);
    const found = 'tests' in reading ? reading.tests : new Map<string, never>();
    expect([...found.keys()]).toEqual(['tests/test_a.py::test_b|run']);
    expect(found.get('tests/test_a.py::test_b|run')?.get('src/a.py')?.get(2)).toBe(true);
  });

  // [what is wrong, report, how it is told]
  test.each<readonly [string, string, RegExp]>([
    ['lines of no test', 'TN:\nSF:a\nDA:1,1\nend_of_record\n', /without a test/u],
    ['lines before the first test', 'SF:a\nDA:1,1\nend_of_record\n', /without a test/u],
    ['no test', 'TN:\n', /names no test/u],
    [
      'no contexts',
      '{"meta":{},"files":{"a":{"executed_lines":[1],"missing_lines":[]}}}',
      /no contexts/u,
    ],
    ['a record of a test that does not end', 'TN:x\nSF:a\nDA:1,1\n', /does not end/u],
    ['a file outside the tree', 'TN:x\nSF:/etc/a\nDA:1,1\nend_of_record\n', /outside the tree/u],
  ])('%s is refused', (_what, report, told) => {
    const reading = readExecuted(report, paths);
    expect('problems' in reading ? reading.problems.join() : 'read').toMatch(told);
  });
});

// [name of a test, its file]
test.each([
  ['test/a.test.ts', 'test/a.test.ts'],
  ['test/a.test.ts > adds', 'test/a.test.ts'],
  ['tests/test_a.py::test_b|run', 'tests/test_a.py'],
  ['tests.test_a.test_b', 'tests/test_a.py'],
  ['tests.test_ab.test_b', undefined],
  ['test/a.test.ts.snap', 'test/a.test.ts.snap'],
  ['test/b.test.ts', undefined],
  ['', undefined],
])('%s is of %s', (name, file) => {
  expect(testFileOf(name, tests)).toBe(file);
});
