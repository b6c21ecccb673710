import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { fileError } from '../../src/drivers/file-error.ts';
import { systemFiles } from '../../src/drivers/files.ts';
import { sha256Hex } from '../../src/evidence/canonical.ts';
import type { DigestMemory } from '../../src/ports/files.ts';

const files = systemFiles;

async function temporaryFolder(): Promise<string> {
  const folder = await fs.mkdtemp(join(tmpdir(), 'seatrial-test-'));
  onTestFinished(() => fs.rm(folder, { recursive: true, force: true }));
  return folder;
}

const textOf = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  const parts = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
};

test.each([
  ['ENOSPC', 'disk-full'],
  ['EDQUOT', 'disk-full'],
  ['EROFS', 'read-only'],
  ['EACCES', 'permission'],
  ['EPERM', 'permission'],
  ['ENOENT', 'not-found'],
  ['ELOOP', 'refused'],
  ['EIO', 'io'],
  ['EMFILE', 'io'],
])('%s is %s', (errno, code) => {
  const error = Object.assign(new Error('no'), { code: errno });
  expect(fileError(error, 'read /x')).toMatchObject({
    ...{ name: 'WorldError', code, message: `Cannot read /x: ${errno}.`, cause: error },
  });
});

test('a full disk is told as one', async () => {
  const file = await files.openAppend('/dev/full');
  await expect(file.append(new Uint8Array(1))).rejects.toMatchObject({ code: 'disk-full' });
  await file.close();
});

test.each<[what: string, work: (path: string) => Promise<unknown>]>([
  ['read', (path) => files.read(path)],
  ['stream', (path) => textOf(files.stream(path))],
  ['list', (path) => files.list(path)],
  ['listing', (path) => files.listing(path)],
  ['rename', (path) => files.rename(path, `${path}-2`)],
  ['copyTree', (path) => files.copyTree(path, `${path}-2`)],
  ['openAppend', (path) => files.openAppend(`${path}/file`)],
  ['replace', (path) => files.replace(`${path}/file`, '')],
])('%s of what is not there is not-found', async (_what, work) => {
  const path = `${await temporaryFolder()}/nothing`;
  await expect(work(path)).rejects.toMatchObject({ name: 'WorldError', code: 'not-found' });
});

test('reads whole and as a stream, within bounds', async () => {
  const path = `${await temporaryFolder()}/a`;
  await fs.writeFile(path, 'größer');
  expect(Buffer.from(await files.read(path)).toString()).toBe('größer');
  expect(await files.readText(path, 8)).toBe('größer');
  expect(await textOf(files.stream(path))).toBe('größer');
  await expect(files.readText(path, 7)).rejects.toMatchObject({ code: 'limit' });
  // Such a file states no size.
  await expect(files.read('/proc/self/status', 10)).rejects.toMatchObject({ code: 'limit' });
});

test('replace leaves the new content, the mode asked for and nothing else', async () => {
  const root = await temporaryFolder();
  await files.replace(`${root}/a`, 'old');
  await files.replace(`${root}/a`, new TextEncoder().encode('new'), 0o600);
  expect(await files.readText(`${root}/a`)).toBe('new');
  expect((await files.stat(`${root}/a`))?.mode).toBe(0o600);
  expect(await fs.readdir(root)).toEqual(['a']);
});

test.each([0, 3, 400_000])('places %d bytes whole, and durable when asked', async (length) => {
  const root = await temporaryFolder();
  const bytes = new Uint8Array(length).fill(7);
  const sync = await files.place(`${root}/a/b/c`, bytes, `${root}/new/1`);
  expect(Buffer.compare(await files.read(`${root}/a/b/c`), bytes)).toBe(0);
  expect(await fs.readdir(`${root}/new`)).toEqual([]);
  await sync();
  // Its file is closed by now.
  await expect(sync()).rejects.toMatchObject({ name: 'WorldError', code: 'io' });
});

test('placing that fails leaves no file, open or not', async () => {
  const root = await temporaryFolder();
  await files.makeDirectory(`${root}/taken/below`);
  const open = async () => (await fs.readdir('/proc/self/fd')).length;
  const before = await open();
  await expect(
    files.place(`${root}/taken`, new Uint8Array(1), `${root}/new`),
  ).rejects.toMatchObject({ code: 'io' });
  expect(await fs.readdir(root)).toEqual(['taken']);
  expect(await open()).toBeLessThanOrEqual(before);
});

test('a replace that fails leaves the old content and no temporary file', async () => {
  const root = await temporaryFolder();
  await files.makeDirectory(`${root}/taken/below`);
  await expect(files.replace(`${root}/taken`, 'x')).rejects.toMatchObject({ code: 'io' });
  expect(await fs.readdir(root)).toEqual(['taken']);
});

test('appends, counts, and truncates on opening', async () => {
  const path = `${await temporaryFolder()}/log`;
  const first = await files.openAppend(path);
  await first.append(new TextEncoder().encode('one\ntw'));
  await first.sync();
  expect(first.sizeBytes).toBe(6);
  await first.close();
  const second = await files.openAppend(path, { truncateTo: 4 });
  expect(second.sizeBytes).toBe(4);
  await second.append(new TextEncoder().encode('three\n'));
  await second.close();
  expect(await files.readText(path)).toBe('one\nthree\n');
});

test('looks at links, not through them', async () => {
  const root = await temporaryFolder();
  await fs.symlink('/etc', `${root}/link`);
  expect(await files.stat(`${root}/link`)).toMatchObject({ kind: 'symlink' });
  expect(await files.stat(`${root}/none`)).toBeUndefined();
  expect(await files.list(root)).toEqual([{ name: 'link', kind: 'symlink' }]);
  await files.makeDirectory(`${root}/keep`);
  await fs.writeFile(`${root}/keep/file`, 'kept');
  await files.makeDirectory(`${root}/gone`);
  await fs.symlink('../keep', `${root}/gone/link`);
  await files.remove(`${root}/gone`);
  await files.remove(`${root}/gone`);
  expect(await files.readText(`${root}/keep/file`)).toBe('kept');
});

async function oddTree(): Promise<string> {
  const root = await temporaryFolder();
  await fs.chmod(root, 0o750);
  await fs.mkdir(`${root}/sub/deep`, { recursive: true });
  await fs.writeFile(`${root}/sub/b`, 'bb', { mode: 0o600 });
  await fs.writeFile(`${root}/\ufeffname\nodd`, '');
  await fs.writeFile(`${root}/sub.x`, 'x');
  await fs.writeFile(`${root}/big`, Buffer.alloc(3_000_001, 7));
  await fs.symlink('/nowhere/at all', `${root}/sub/link`);
  execFileSync('mkfifo', [`${root}/pipe`]);
  return root;
}

test('lists a tree sorted, with digests and targets, following nothing', async () => {
  const root = await oddTree();
  const listing = await files.listing(root);
  expect(listing.map(({ path, kind, sha256, target }) => [path, kind, sha256 ?? target])).toEqual([
    ['.', 'directory', undefined],
    ['big', 'file', sha256Hex(Buffer.alloc(3_000_001, 7))],
    ['pipe', 'other', undefined],
    ['sub', 'directory', undefined],
    ['sub.x', 'file', sha256Hex('x')],
    ['sub/b', 'file', sha256Hex('bb')],
    ['sub/deep', 'directory', undefined],
    ['sub/link', 'symlink', '/nowhere/at all'],
    ['\ufeffname\nodd', 'file', sha256Hex('')],
  ]);
  expect(listing[0]?.mode).toBe(0o750);
  expect(listing.find(({ path }) => path === 'sub/b')).toMatchObject({ mode: 0o600, sizeBytes: 2 });
  const bare = await files.listing(root, { digests: false });
  expect(bare.every(({ sha256 }) => sha256 === undefined)).toBe(true);
});

test('a copy lists the same', async () => {
  const root = await oddTree();
  const copy = `${await temporaryFolder()}/copy`;
  await files.copyTree(root, copy);
  expect(await files.listing(copy)).toEqual(await files.listing(root));
});

test('copies also where there is no cp', async () => {
  const root = await oddTree();
  await fs.rm(`${root}/pipe`);
  const copy = `${await temporaryFolder()}/copy`;
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    await files.copyTree(root, copy);
  } finally {
    process.env['PATH'] = path;
  }
  expect(await files.listing(copy)).toEqual(await files.listing(root));
});

test('a copy onto a file of another kind fails in its words', async () => {
  const root = await oddTree();
  const copy = `${await temporaryFolder()}/file`;
  await fs.writeFile(copy, '');
  await expect(files.copyTree(root, copy)).rejects.toMatchObject({ code: 'io' });
});

test('a listing refuses links for roots and names that are not UTF-8', async () => {
  const root = await temporaryFolder();
  await fs.symlink('/etc', `${root}/link`);
  await expect(files.listing(`${root}/link`)).rejects.toBeInstanceOf(Error);
  await fs.writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x61, 0xff])]), '');
  await expect(files.listing(root)).rejects.toMatchObject({ code: 'refused' });
});

test('a listing stops at a tree deeper than its limit', async () => {
  const root = await temporaryFolder();
  await fs.mkdir(join(root, ...Array<string>(258).fill('d')), { recursive: true });
  await expect(files.listing(root)).rejects.toMatchObject({ code: 'limit' });
});

test('the event loop goes on while a large tree is listed', async () => {
  const root = await temporaryFolder();
  for (let index = 0; index < 8; index += 1)
    await fs.writeFile(`${root}/${String(index)}`, Buffer.alloc(8 << 20, index));
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  await files.listing(root);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(1);
});

test('files that vanish during a listing are simply not in it', async () => {
  const root = await temporaryFolder();
  for (let index = 0; index < 400; index += 1)
    await fs.writeFile(`${root}/${String(index).padStart(3, '0')}`, Buffer.alloc(200_000));
  const listing = files.listing(root);
  const removal = fs.rm(root, { recursive: true }).catch(() => undefined);
  expect((await listing).length).toBeLessThanOrEqual(401);
  await removal;
});

test('a listing with a memory reads what changed, whatever its other times say', async () => {
  const root = await temporaryFolder();
  const write = async (name: string, content: string) => {
    await fs.writeFile(`${root}/${name}`, content);
    await fs.utimes(`${root}/${name}`, 1e9, 1e9);
  };
  for (const name of ['same', 'forged', 'replaced']) await write(name, 'old');
  const memory: DigestMemory = new Map();
  await files.listing(root, { memory });
  // Too fresh to be sure that the next change shows.
  expect(memory.size).toBe(0);
  await setTimeout(1100);
  const before = await files.listing(root, { memory });
  expect([...memory.keys()].sort()).toEqual(['forged', 'replaced', 'same']);
  await write('forged', 'new');
  await write('other', 'new');
  await fs.rename(`${root}/other`, `${root}/replaced`);
  const after = await files.listing(root, { memory });
  expect(after).toEqual(await files.listing(root));
  const changed = after.filter(({ sha256 }, at) => sha256 !== before[at]?.sha256);
  expect(changed.map(({ path }) => path)).toEqual(['forged', 'replaced']);
  // The one that stayed was not read: what is told of it is what was remembered.
  memory.set('same', { stamp: memory.get('same')?.stamp ?? '', sha256: 'remembered' });
  const again = await files.listing(root, { memory });
  expect(again.find(({ path }) => path === 'same')?.sha256).toBe('remembered');
});

test('a listing hands on the bytes whose digests it states, as long as they are few', async () => {
  const root = await temporaryFolder();
  const contents = { empty: 0, small: 1000, other: 1000, 'a whole chunk': 1 << 20 };
  for (const [name, size] of Object.entries(contents))
    await fs.writeFile(`${root}/${name}`, Buffer.alloc(size, name));
  const into = new Map<string, Uint8Array>();
  const listing = await files.listing(root, { keep: { into, maxBytes: 2000 } });
  expect([...into.keys()].sort()).toEqual(['empty', 'other', 'small']);
  for (const [name, bytes] of into)
    expect(listing.find(({ path }) => path === name)?.sha256).toBe(sha256Hex(bytes));
  expect(listing).toEqual(await files.listing(root));
  const few = new Map<string, Uint8Array>();
  await files.listing(root, { keep: { into: few, maxBytes: 1999 } });
  expect([...few.values()].reduce((sum, { length }) => sum + length, 0)).toBe(1000);
});

test('folders get the mode that was asked for, whatever the mask', async () => {
  const root = await temporaryFolder();
  const mask = process.umask(0o077);
  onTestFinished(() => void process.umask(mask));
  await files.makeDirectory(`${root}/a/b/c`, 0o755);
  const modes = await Promise.all(
    ['', '/a', '/a/b', '/a/b/c'].map(async (path) => (await files.stat(root + path))?.mode),
  );
  expect(modes).toEqual([0o700, 0o755, 0o755, 0o755]);
  await files.makeDirectory(`${root}/a`, 0o711);
  expect((await files.stat(`${root}/a`))?.mode).toBe(0o755);
});

const nobody = 65_534;

/** Root may remove everything: the work is done as somebody else. */
async function asNobody(folder: string, work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work();
  await fs.chown(folder, nobody, nobody);
  process.seteuid?.(nobody);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}

test('a tree is removed, also where its owner closed a folder of it', async () => {
  const folder = await temporaryFolder();
  const [tree, beside] = [join(folder, 'tree'), join(folder, 'beside')];
  await asNobody(folder, async () => {
    for (const path of [join(tree, 'closed/deeper'), beside])
      await fs.mkdir(path, { recursive: true });
    await fs.writeFile(join(tree, 'closed/deeper/file'), 'x');
    await fs.symlink(beside, join(tree, 'closed/link'));
    await fs.chmod(beside, 0o500);
    for (const path of ['closed/deeper', 'closed']) await fs.chmod(join(tree, path), 0);
    await files.remove(tree);
  });
  expect(await fs.readdir(folder)).toEqual(['beside']);
  expect((await fs.stat(beside)).mode & 0o777).toBe(0o500);
});
