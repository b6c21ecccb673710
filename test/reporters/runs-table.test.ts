import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { renderRunsTable, type RunRow } from '../../src/reporters/runs-table.ts';
import { firstUnseen, hostileStrings, obeyedLines } from './hostile.ts';
import { at } from './state.ts';

const row = (more: Partial<RunRow>): RunRow => ({
  run: '20260301-093000-notes-k3q9',
  app: 'notes',
  scenario: 'lifecycle',
  startedAt: at(0),
  bundle: 'present',
  ...more,
});

const plain = { width: 100, colour: false };

test('a line per run, the verdict first', () => {
  const rows = [
    row({ verdict: 'passed' }),
    row({ verdict: 'failed', app: '漢字' }),
    row({ verdict: 'not-run' }),
    row({}),
    row({ verdict: 'passed', bundle: 'missing' }),
  ];
  expect(renderRunsTable(rows, plain)).toMatchInlineSnapshot(`
    "  verdict      run                         started                  app    scenario
    ✓ passed       20260301-093000-notes-k3q9  2026-03-01 09:30:00 UTC  notes  lifecycle
    ✕ failed       20260301-093000-notes-k3q9  2026-03-01 09:30:00 UTC  漢字   lifecycle
    – not run      20260301-093000-notes-k3q9  2026-03-01 09:30:00 UTC  notes  lifecycle
    ▸ no end yet   20260301-093000-notes-k3q9  2026-03-01 09:30:00 UTC  notes  lifecycle
    ! bundle gone  20260301-093000-notes-k3q9  2026-03-01 09:30:00 UTC  notes  lifecycle
    "
  `);
});

test('no runs are said, not shown as nothing', () => {
  expect(renderRunsTable([], plain)).toBe('No runs in this store.\n');
});

test.each(Object.keys(hostileStrings))('hostile names stay on their line: %s', (name) => {
  const text = hostileStrings[name] ?? '';
  const table = renderRunsTable([row({ app: text, scenario: text, run: text })], plain);
  expect(table.trimEnd().split('\n')).toHaveLength(2);
  expect(firstUnseen(table)).toBeUndefined();
  expect(obeyedLines(table)).toEqual([]);
  for (const line of table.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(100);
});
