import { rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { systemFiles } from '../../src/drivers/files.ts';
import { objectPath } from '../../src/evidence/bundle-paths.ts';
import { readBundle } from '../../src/evidence/bundle-reading.ts';
import { openObjectStore } from '../../src/evidence/object-store.ts';
import type { ObjectRef } from '../../src/evidence/record.ts';
import { noSecrets, temporaryFolder } from './sample-run.ts';

const files = systemFiles;
/** More than is kept of a file. */
const large = 'x'.repeat(1 << 20);

async function bundle(content: string): Promise<{ root: string; ref: ObjectRef; path: string }> {
  const root = await temporaryFolder();
  const store = await openObjectStore({ files, root, redactor: noSecrets });
  const ref = await store.put({ path: 'evidence/x', mediaType: 'text/plain', content });
  await store.sync();
  return { root, ref, path: objectPath(ref.sha256) };
}

const textOf = async (chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
};

test.each([
  ['small', 'small'],
  ['large', large],
])('%s files are read as they are, by path and by record', async (_, content) => {
  const { root, ref, path } = await bundle(content);
  const reading = await readBundle(files, root);
  expect(reading.listing).toEqual(await files.listing(root));
  expect(Buffer.from(await reading.read(path)).toString()).toBe(content);
  expect(await textOf(reading.stream(path))).toBe(content);
  expect(Buffer.from((await reading.object(ref)) ?? []).toString()).toBe(content);
  await expect(reading.read(path, content.length - 1)).rejects.toMatchObject({ code: 'limit' });
});

test('what was hashed is what is judged and searched, whoever writes there since', async () => {
  const { root, ref, path } = await bundle('evidence');
  const reading = await readBundle(files, root);
  await writeFile(`${root}/${path}`, 'forged!!');
  expect(await textOf(reading.stream(path))).toBe('evidence');
  expect(Buffer.from((await reading.object(ref)) ?? []).toString()).toBe('evidence');
});

test.each<[what: string, change: (path: string) => Promise<void>, since: boolean]>([
  ['another content', (path) => writeFile(path, `y${large.slice(1)}`), false],
  ['another size', (path) => writeFile(path, 'x'), false],
  ['nothing', (path) => rm(path), false],
  ['another content since it was looked at', (path) => writeFile(path, `y${large.slice(1)}`), true],
])('an object with %s is none', async (_, change, since) => {
  const { root, ref, path } = await bundle(large);
  if (!since) await change(`${root}/${path}`);
  const reading = await readBundle(files, root);
  if (since) await change(`${root}/${path}`);
  expect(await reading.object(ref)).toBeUndefined();
});
