// A pack of its own, run from its files to a bundle that verifies.

import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openProblemReport } from '../../src/cli/load-manifest.ts';
import { openPack } from '../../src/cli/open-pack.ts';
import { planPack, runPack, type PackRun } from '../../src/cli/run-pack.ts';
import { systemFiles } from '../../src/drivers/files.ts';
import { findMarked } from '../../src/drivers/process/kill-tree.ts';
import { journalFormat } from '../../src/evidence/record.ts';
import type { RunState } from '../../src/evidence/run-state.ts';
import { verifyBundle } from '../../src/evidence/verify.ts';
import { captureTerminal } from './captured-terminal.ts';

const notes = resolve(import.meta.dirname, '../fixtures/notes-pack');
let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'seatrial-pack-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function runIt(scenario: string, more: Partial<PackRun> = {}, folder = notes) {
  const terminal = captureTerminal({ env: { SEATRIAL_LOCKS: join(root, 'locks') } });
  const pack = await openPack(folder, openProblemReport(terminal, false));
  const result = await runPack(
    { pack, scenario, store: join(root, 'store'), waitMs: 1000, maxLifetimeMs: 60_000, ...more },
    terminal,
  );
  return { ...result, verdicts: verdictsOf(result.state), pack };
}

const verdictsOf = ({ checks }: RunState) =>
  Object.fromEntries(checks.map(({ id, verdict }) => [id, verdict]));

const everything = [
  ...['fixture.settings.staged', 'fixture.app.staged', 'floor.up.done', 'notes.install.version'],
  ...['floor.write.done', 'notes.write.written', 'floor.write.stable'],
  ...['fixture.app.restored', 'fixture.settings.restored'],
  ...['floor.remove.done', 'floor.remove.gone', 'floor.remove.no-leftovers'],
  ...['run.secrets.absent', 'run.secrets.redactor-alive'],
];

test('a scenario runs, and its bundle verifies', async () => {
  const { state, verdicts, root: bundle, run, pack } = await runIt('write-note');
  expect(state.reasons).toEqual([]);
  expect(state.verdict).toBe('passed');
  expect(verdicts).toEqual(Object.fromEntries(everything.map((id) => [id, 'passed'])));
  const markers = await readFile(join(bundle, 'markers.log'), 'utf8');
  expect(markers).toBe(everything.map((id) => `PASS: ${id}\n`).join(''));
  const { findings } = await verifyBundle({
    ...{ files: systemFiles, root: bundle },
    header: { format: journalFormat, run, store: state.started.store },
  });
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(state.started.planDigest).toBe(planPack({ pack, scenario: 'write-note' }).digest);
  expect(state.started.bound).toMatchObject({ pack: 'notes', subject: { name: 'reference' } });
  expect(findMarked({ marker: run })).toEqual([]);
  expect(existsSync(state.started.work)).toBe(false);
  expect(await readdir(join(root, 'store', 'undo', run)).catch(() => [])).toEqual([]);
});

test('what is observed before and after stands in one object, with its sources (C6)', async () => {
  const { state, root: bundle } = await runIt('write-note');
  const check = state.checks.find(({ id }) => id === 'notes.write.written');
  const [ref] = check?.evidence ?? [];
  const path = join(bundle, 'objects', ref?.sha256.slice(0, 2) ?? '', ref?.sha256 ?? '');
  const object = JSON.parse(await readFile(path, 'utf8')) as {
    observed: object;
    sources: readonly { call: number; transport: string; target?: string }[];
  };
  expect(ref?.path).toBe('evidence/notes.write.written/note.json');
  expect(object.observed).toEqual({ before: { note: 'absent' }, after: { note: 'kept' } });
  expect(object.sources.map(({ transport }) => transport)).toEqual(['file-read', 'file-read']);
  const text = await readFile(join(bundle, 'journal.jsonl'), 'utf8');
  const started = text
    .split('\n')
    .findIndex(
      (line) => line.includes('"operation":"write"') && line.includes('operation.started'),
    );
  expect(object.sources[0]?.call).toBeLessThanOrEqual(started);
  expect(object.sources[1]?.call).toBeGreaterThan(started + 1);
});

test('a check that touches nothing of its surface proves nothing (C3)', async () => {
  const { verdicts, state } = await runIt('pretended');
  expect(verdicts['notes.write.pretended']).toBe('inconclusive');
  expect(state.exitCode).toBe(3);
});

test('a failure that was wanted (S11)', async () => {
  const { verdicts, state } = await runIt('refused');
  expect(state.reasons).toEqual([]);
  expect(verdicts['notes.write.refused']).toBe('passed');
});

const refusal = 'echo "nothing to write" >&2; exit 2';
test.each([
  ['did-not-fail', ':'],
  ['failed-for-another-reason', 'echo "disk full" >&2; exit 2'],
  ['forbidden-side-effect', `rm "$HOME/.notes/note"; ${refusal}`],
])('%s', async (reason, instead) => {
  const folder = join(root, 'pack');
  await cp(notes, folder, { recursive: true });
  const file = join(folder, 'actions', 'subject.mjs');
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    text.replace(refusal, () => instead),
  );
  const { state } = await runIt('refused', {}, folder);
  const check = state.checks.find(({ id }) => id === 'notes.write.refused');
  expect(check).toMatchObject({ verdict: 'failed' });
  expect(check?.message).toContain(reason);
});

test('a planted fault of the product is seen, and named in the bundle', async () => {
  const { pack } = await runIt('refused');
  for (const canary of pack.canaries) {
    const { verdicts, state } = await runIt('write-note', { canary });
    expect([canary.id, state.started.canary]).toEqual([canary.id, canary.id]);
    for (const check of canary.kills)
      expect([canary.id, verdicts[typeof check === 'string' ? check : check.check]]).toEqual([
        canary.id,
        'failed',
      ]);
    for (const check of canary.spares)
      expect([canary.id, verdicts[check]]).toEqual([canary.id, 'passed']);
  }
});

test('a fault that somebody left in the environment is refused', async () => {
  const terminal = captureTerminal({ env: { NOTES_MUTANT: 'write.lose-note' } });
  const pack = await openPack(notes, openProblemReport(terminal, false));
  const asked = { pack, scenario: 'write-note', store: join(root, 'store') };
  await expect(
    runPack({ ...asked, waitMs: 1000, maxLifetimeMs: 60_000 }, terminal),
  ).rejects.toThrow('NOTES_MUTANT is set');
  expect(existsSync(join(root, 'store'))).toBe(false);
});

test('two of one scenario, side by side', async () => {
  const both = await Promise.all([runIt('write-note'), runIt('write-note')]);
  expect(both.map(({ state }) => state.verdict)).toEqual(['passed', 'passed']);
});
