import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/drivers/clock.ts';
import { systemFiles } from '../../src/drivers/files.ts';
import { systemIds } from '../../src/drivers/ids.ts';
import { makeLocks } from '../../src/drivers/locks.ts';
import { openBundle } from '../../src/evidence/bundle.ts';
import { bundleRoot } from '../../src/evidence/bundle-paths.ts';
import { verifyAttestation } from '../../src/evidence/attest.ts';
import { journalFormat } from '../../src/evidence/record.ts';
import { makeRedactor } from '../../src/evidence/redact.ts';
import { readRunsList } from '../../src/evidence/runs-list.ts';
import { openStore } from '../../src/evidence/store.ts';
import { closeBundle, type Project } from '../../src/lifecycle/close-bundle.ts';
import { WorldError } from '../../src/ports/world-error.ts';
import { makeKeys } from '../evidence/sample-keys.ts';
import { runStarted, wholeRun } from '../evidence/sample-run.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const run = 'run-1';
const reports: Project = () =>
  Promise.resolve([
    { name: 'report.html', text: '<p>hunter2-Zx81</p>' },
    { name: 'junit.xml', text: '<testsuites/>' },
    { name: 'ctrf.json', text: '{}' },
  ]);

/** A run whose records are all there, and what is done at its end. */
async function atItsEnd() {
  const root = await mkdtemp(join(tmpdir(), 'seatrial-close-'));
  folders.push(root);
  const locks = makeLocks({
    folder: join(root, 'locks'),
    searchPath: process.env['PATH'] ?? '',
  });
  const world = { files: systemFiles, clock: systemClock, ids: systemIds, locks };
  const store = await openStore({ ...world, root });
  const redactor = makeRedactor();
  redactor.add({ name: 'PASSWORD', value: 'hunter2-Zx81' });
  const header = { format: journalFormat, run, store: store.id } as const;
  const folder = bundleRoot(root, run);
  const bundle = await openBundle({ ...world, root: folder, header, redactor });
  for (const entry of wholeRun(runStarted(header))) await bundle.append(entry);
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const listed = async () =>
    (await readRunsList(store)).lines.map(({ state, verdict, head }) => ({ state, verdict, head }));
  return { world, store, bundle, read, listed };
}

test('reports are written, masked, and the list is told how the run ended', async () => {
  const { world, store, bundle, read, listed } = await atItsEnd();
  await closeBundle(world, bundle, { store, project: reports });
  expect(await read('report.html')).toBe('<p>[REDACTED:PASSWORD]</p>');
  const { head } = bundle.state();
  expect(await listed()).toEqual([{ state: 'ended', verdict: 'passed', head }]);
  await expect(read('attestation.intoto.jsonl')).rejects.toThrow('ENOENT');
});

test('with a key the digests of what was written are signed', async () => {
  const { world, store, bundle, read } = await atItsEnd();
  const { signer, trusted } = makeKeys();
  await closeBundle({ ...world, signer }, bundle, { store, project: reports });
  const bytes = new TextEncoder().encode(await read('attestation.intoto.jsonl'));
  const answer = verifyAttestation(bytes, [trusted], new Date('2026-06-01T00:00:00Z'));
  expect(answer.trusted).toBe(true);
  expect(answer.subjects.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['journal.jsonl', 'report.html', 'junit.xml', 'ctrf.json']),
  );
});

test.each<[what: string, error: Error, listed: number]>([
  ['a disk that is full leaves the run unlisted, to be completed later', diskFull(), 0],
  ['a bug is listed, so that it does not keep later runs from starting', new TypeError('bug'), 1],
])('FR-08: %s', async (_what, error, expected) => {
  const { world, store, bundle, listed } = await atItsEnd();
  const project: Project = () => Promise.reject(error);
  await expect(closeBundle(world, bundle, { store, project })).rejects.toBe(error);
  expect(await listed()).toHaveLength(expected);
});

function diskFull(): WorldError {
  return new WorldError('disk-full', 'planted: the disk is full');
}
