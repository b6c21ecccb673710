import { readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemFiles } from '../../src/drivers/files.ts';
import { objectPath } from '../../src/evidence/bundle-paths.ts';
import { sha256Hex } from '../../src/evidence/canonical.ts';
import { openObjectStore, readObject } from '../../src/evidence/object-store.ts';
import { literalRedactor, noSecrets, temporaryFolder } from './sample-run.ts';

const files = systemFiles;
const named = { path: 'evidence/x', mediaType: 'text/plain' };

async function* chunks(...parts: readonly string[]) {
  await Promise.resolve();
  for (const part of parts) yield new TextEncoder().encode(part);
}

test('keeps any bytes under their digest', async () => {
  const root = await temporaryFolder();
  const store = await openObjectStore({ files, root, redactor: noSecrets });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (content) => {
      const ref = await store.put({ ...named, content });
      expect(ref).toEqual({ ...named, sha256: sha256Hex(content), bytes: content.length });
      const read = await readObject(files, root, ref);
      expect('bytes' in read && Buffer.compare(read.bytes, content)).toBe(0);
    }),
    { numRuns: 30 },
  );
});

test('masks across chunks, and the digest is that of the masked content', async () => {
  const root = await temporaryFolder();
  const store = await openObjectStore({ files, root, redactor: literalRedactor('hunter2') });
  const ref = await store.put({ ...named, content: chunks('it is hun', 'ter2.') });
  expect(await readFile(`${root}/${objectPath(ref.sha256)}`, 'utf8')).toBe('it is [REDACTED:it].');
  expect(ref.sha256).toBe(sha256Hex('it is [REDACTED:it].'));
});

test('equal contents share a file, also when put at once', async () => {
  const root = await temporaryFolder();
  const store = await openObjectStore({ files, root, redactor: noSecrets });
  const put = () => store.put({ ...named, content: 'same' });
  const refs = await Promise.all([put(), put(), put()]);
  expect(new Set(refs.map(({ sha256 }) => sha256)).size).toBe(1);
  const kept = (await files.listing(root)).filter(({ kind }) => kind === 'file');
  expect(kept.map(({ path }) => path)).toEqual([objectPath(sha256Hex('same'))]);
});

test.each<[bytes: number, cut: string]>([
  [10, ''],
  [11, '\n[seatrial: cut after 10 bytes, 1 more dropped]\n'],
  [35, '\n[seatrial: cut after 10 bytes, 25 more dropped]\n'],
])('of %d bytes with a limit of 10 the end says what was cut', async (bytes, cut) => {
  const root = await temporaryFolder();
  const store = await openObjectStore({ files, root, redactor: noSecrets, maxBytes: 10 });
  const content = chunks('x'.repeat(7), 'x'.repeat(bytes - 7));
  const ref = await store.put({ ...named, content });
  expect(await readFile(`${root}/${objectPath(ref.sha256)}`, 'utf8')).toBe('x'.repeat(10) + cut);
});

test('reading notices another content, another size and a missing file', async () => {
  const root = await temporaryFolder();
  const store = await openObjectStore({ files, root, redactor: noSecrets });
  const ref = await store.put({ ...named, content: 'abc' });
  const path = `${root}/${objectPath(ref.sha256)}`;
  await writeFile(path, 'abd');
  expect(await readObject(files, root, ref)).toEqual({
    fault: 'Object evidence/x has another content.',
  });
  await writeFile(path, 'abcd');
  expect(await readObject(files, root, ref)).toEqual({
    fault: 'Object evidence/x has another size.',
  });
  await files.remove(path);
  expect(await readObject(files, root, ref)).toEqual({ fault: 'Object evidence/x is missing.' });
});

test('a failing source leaves nothing that looks like an object', async () => {
  const root = await temporaryFolder();
  const store = await openObjectStore({ files, root, redactor: noSecrets });
  async function* failing() {
    yield new TextEncoder().encode('half');
    await Promise.reject(new Error('the source failed'));
  }
  await expect(store.put({ ...named, content: failing() })).rejects.toThrow('the source failed');
  await openObjectStore({ files, root, redactor: noSecrets });
  expect((await files.listing(root)).filter(({ kind }) => kind === 'file')).toEqual([]);
});
