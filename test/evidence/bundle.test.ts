import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { systemFiles } from '../../src/drivers/files.ts';
import { fold } from '../../src/evidence/fold.ts';
import { readJournal } from '../../src/evidence/journal-reader.ts';
import { renderResult } from '../../src/evidence/result.ts';
import {
  header,
  literalRedactor,
  note,
  openSampleBundle,
  operationEnded,
  operationStarted,
  runStarted,
  temporaryFolder,
  wholeRun,
} from './sample-run.ts';

const resultIn = async (root: string) =>
  JSON.parse(await readFile(`${root}/result.json`, 'utf8')) as Record<string, unknown>;

test('result.json follows the run and is truthful wherever the process dies', async () => {
  const root = await temporaryFolder();
  const bundle = await openSampleBundle(root);
  for (const entry of wholeRun()) {
    await bundle.append(entry);
    const { verdict, complete } = await resultIn(root);
    expect(complete).toBe(entry.type === 'run.ended');
    expect(verdict).toBe(entry.type === 'run.ended' ? 'passed' : 'not-run');
  }
  await bundle.close();
  const { records, head } = await readJournal(systemFiles.stream(bundle.paths.journal), header);
  expect(await readFile(bundle.paths.result, 'utf8')).toBe(renderResult(fold(records, head)));
  expect(await readFile(bundle.paths.markers, 'utf8')).toMatch(/^(PASS: \S+\n){3}$/);
});

test('result.json is never ahead of the journal on the disk', async () => {
  const root = await temporaryFolder();
  const bundle = await openSampleBundle(root);
  await bundle.append(runStarted());
  await Promise.all([
    bundle.append(operationStarted('install')),
    bundle.append(operationEnded('install')),
    ...Array.from({ length: 50 }, (_, index) => bundle.append(note(String(index)))),
  ]);
  const { records } = await readJournal(systemFiles.stream(bundle.paths.journal));
  expect((await resultIn(root))['records']).toBeLessThanOrEqual(records.length);
  await bundle.close();
});

test('the state is that of the records as written, the writer’s own included', async () => {
  const root = await temporaryFolder();
  const seen: string[] = [];
  const bundle = await openSampleBundle(root, {
    redactor: literalRedactor('hunter2'),
    onRecord: ({ type }) => seen.push(type),
  });
  await bundle.append(runStarted());
  await bundle.append(note('hunter2 and half \ud83d'), { durable: true });
  expect(bundle.state().notes).toMatchObject([
    { message: '[REDACTED:it] and half \ufffd', seq: 2 },
  ]);
  expect(seen).toEqual(['run.started', 'note']);
  await bundle.writeReport('report.html', '<p>hunter2</p>');
  expect(await readFile(`${root}/report.html`, 'utf8')).toBe('<p>[REDACTED:it]</p>');
  await bundle.close();
});

test('goes on with the run of a process that died', async () => {
  const root = await temporaryFolder();
  const killed = await openSampleBundle(root);
  for (const entry of wholeRun().slice(0, 6)) await killed.append(entry);
  await killed.close();
  const resume = await readJournal(systemFiles.stream(killed.paths.journal), header);
  const bundle = await openSampleBundle(root, { resume });
  await bundle.append({ type: 'undo.ended', data: { undo: 'folder', outcome: 'restored' } });
  await bundle.append({ type: 'run.ended', data: { outcome: 'recovered' } });
  expect(bundle.state()).toMatchObject({ verdict: 'not-run', undos: [{ outcome: 'restored' }] });
  await bundle.close();
  expect(await resultIn(root)).toMatchObject({ complete: true, outcome: 'recovered' });
});
