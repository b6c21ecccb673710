import { expect, test } from 'vitest';
import { groupChecks } from '../../src/reporters/overview.ts';
import { checkCounts, operationColumns } from '../../src/reporters/terminal-operations.ts';
import { painter } from '../../src/reporters/terminal-text.ts';
import { failedState } from './state.ts';

const groups = groupChecks(failedState);

test('verdicts are counted worst first, and none is said', () => {
  expect(groups.map(checkCounts)).toEqual([
    '2 passed',
    '1 failed, 3 passed',
    '1 passed',
    '1 error, 1 not run, 1 inconclusive',
    '1 skipped',
    '1 passed',
    '1 passed',
  ]);
  expect(checkCounts({ name: 'x', checks: [] })).toBe('no checks');
});

test('a line per operation, and the reason below the ones that did not end well', () => {
  const lines = operationColumns(groups, { width: 100, paint: painter(false) });
  expect(lines.filter((line) => /^ {2}\S/u.test(line))).toHaveLength(6);
  expect(lines.join('\n')).toContain('timeout: The restore hook ran longer than 5 s.');
  expect(lines.join('\n')).toContain('structural: the driver cannot rebuild');
});
