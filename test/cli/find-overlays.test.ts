import { expect, test } from 'vitest';
import { findOverlays } from '../../src/cli/find-overlays.ts';
import { openProblemReport } from '../../src/cli/load-manifest.ts';
import type { OverlayRunner } from '../../src/ports/overlays.ts';
import { builtInScenario, type RunScenario } from '../../src/scenario/scenarios.ts';
import { captureTerminal } from './captured-terminal.ts';

const runner = (...paths: readonly string[]): OverlayRunner => ({
  discover: () =>
    Promise.resolve(
      paths.map((path) => ({
        ...{ path, sha256: 'x', executable: false },
        text: path.endsWith('.py')
          ? 'def test_it(base_url):\n    pass\n'
          : 'export const it = () => {};\n',
      })),
    ),
  run: () => Promise.resolve([]),
});
const lifecycle = builtInScenario('lifecycle') as RunScenario;
const migrating: RunScenario = {
  ...lifecycle,
  operations: ['install', 'custom-migrate', 'remove'],
};

async function find(scenario: RunScenario, ...paths: readonly string[]) {
  const terminal = captureTerminal();
  const report = openProblemReport(terminal, false);
  const { files, notes } = await findOverlays(runner(...paths), { folder: '/a', scenario }, report);
  let failed = false;
  try {
    report.end();
  } catch {
    failed = true;
  }
  return {
    err: terminal.said().err,
    ids: files.flatMap(({ checks }) => checks.map(({ id }) => id)),
    notes,
    failed,
  };
}

test.each([
  'custom-migrate.rows.check.mjs',
  'custom/custom-migrate.rows.check.mjs',
  'test_custom_migrate.py',
])('%s is asked where its action is, and elsewhere noted', async (path) => {
  const there = await find(migrating, path);
  expect(there).toMatchObject({ notes: [], failed: false });
  expect(there.ids).toEqual([expect.stringMatching(/^overlay\.custom-migrate\.(test-)?it$/)]);
  const elsewhere = await find(lifecycle, path, 'custom.rows.check.mjs');
  expect(elsewhere).toMatchObject({ ids: ['overlay.custom.it'], failed: false });
  expect(elsewhere.notes.map(({ code }) => code)).toEqual(['check-elsewhere']);
});

test.each(['custom-migrat.rows.check.mjs', 'upgrad.rows.check.mjs'])(
  '%s is misspelt, not of another scenario',
  async (path) => {
    expect(await find(migrating, path)).toMatchObject({ ids: [], notes: [], failed: true });
  },
);

test('what is wrong in a check is told with its whole path', async () => {
  const { err, failed } = await find(lifecycle, 'upgarde.rows.check.mjs');
  expect(failed).toBe(true);
  expect(err).toMatch(/^\S*a\/checks\/upgarde\.rows\.check\.mjs/m);
});

test.each([
  ['rebuild.rows.check', 'chmod +x /a/checks/rebuild.rows.check'],
  ["more/it's/rebuild.rows.check", "chmod +x '/a/checks/more/it'\\''s/rebuild.rows.check'"],
])('%s is not executable: the hint can be typed as it is', async (path, typed) => {
  const { err, failed } = await find(lifecycle, path);
  expect(failed).toBe(true);
  expect(err).toContain(`hint: run: ${typed}\n`);
});
