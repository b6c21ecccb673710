import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { systemFiles } from '../../src/drivers/files.ts';
import { fold } from '../../src/evidence/fold.ts';
import { readJournal } from '../../src/evidence/journal-reader.ts';
import { renderResult } from '../../src/evidence/result.ts';
import type { Files } from '../../src/ports/files.ts';
import { WorldError } from '../../src/ports/world-error.ts';
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

test('objects are durable before the records that point to them', async () => {
  const root = await temporaryFolder();
  const events: string[] = [];
  const files: Files = {
    ...systemFiles,
    place: async (path, bytes, temporary) => {
      const sync = await systemFiles.place(path, bytes, temporary);
      events.push('placed');
      return async () => {
        await sync();
        events.push('object durable');
      };
    },
    openAppend: async (path, options) => {
      const file = await systemFiles.openAppend(path, options);
      const sync = async () => {
        await file.sync();
        events.push('journal durable');
      };
      return { ...file, sync };
    },
  };
  const bundle = await openSampleBundle(root, { files });
  const put = (content: string) => bundle.put({ path: content, mediaType: 'text/plain', content });
  await put('plan');
  await bundle.append(runStarted());
  await Promise.all([put('a'), put('b')]);
  await bundle.append(note('points to both'));
  await put('a');
  await bundle.sync();
  await bundle.close();
  expect(events.filter((event, at) => at === 0 || event !== events[at - 1])).toEqual([
    ...['placed', 'object durable', 'journal durable'],
    ...['placed', 'object durable', 'journal durable'],
  ]);
  expect(events.filter((event) => event === 'object durable')).toHaveLength(3);
});

test('a disk that fails to keep an object fails the records after it', async () => {
  const root = await temporaryFolder();
  const full = new WorldError('disk-full', 'Cannot sync x: ENOSPC.');
  const files: Files = {
    ...systemFiles,
    place: async (path, bytes, temporary) => {
      const sync = await systemFiles.place(path, bytes, temporary);
      return async () => {
        await sync();
        throw full;
      };
    },
  };
  const bundle = await openSampleBundle(root, { files });
  await bundle.put({ path: 'plan.json', mediaType: 'application/json', content: '{}' });
  await expect(bundle.append(runStarted())).rejects.toBe(full);
  await expect(bundle.append(note('after'))).rejects.toBe(full);
  await expect(bundle.close()).rejects.toBe(full);
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
