import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { systemArchives } from '../../src/drivers/archives.ts';
import {
  archiveFormat,
  renderArchiveListing,
  scanArchive,
  type ArchiveLimits,
  type ArchiveScan,
} from '../../src/evidence/archive-scan.ts';
import { scanStream } from '../../src/evidence/secret-scan.ts';

const secret = { name: 'db', value: 'swordfish-9' };
const encoded = Buffer.from(secret.value).toString('base64');
type Files = Readonly<Record<string, Uint8Array | string>>;

async function tar(files: Files): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files))
    archive.entry({ name }, Buffer.from(content));
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function zip(files: Files, { flags = 0, before = '' } = {}): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = before.length;
  for (const [name, content] of Object.entries(files)) {
    const packed = deflateRawSync(content);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(Buffer.from(content).length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    const made = Buffer.from([20, 0]);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02'), made, fields, rest, Buffer.from(name)]),
    );
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([Buffer.from(before), ...locals, central, Buffer.from('PK\x05\x06'), end]);
}

const scan = (bytes: Uint8Array, limits?: ArchiveLimits): Promise<ArchiveScan> =>
  scanArchive('a', bytes, {
    archives: systemArchives,
    scan: () => scanStream([secret]),
    ...(limits === undefined ? {} : { limits }),
  });

const files = { 'readme.txt': 'nothing here', 'etc/app.env': `X=${encoded} ` };
const hit = { name: 'db', form: 'base64' };

describe('archives', () => {
  it.each([
    ['tar', () => tar(files), 'a/etc/app.env'],
    ['tar.gz', async () => gzipSync(await tar(files)), 'a/content/etc/app.env'],
    ['gzip', () => Promise.resolve(gzipSync(encoded)), 'a/content'],
    ['zip', () => Promise.resolve(zip(files)), 'a/etc/app.env'],
    ['zip in tar', async () => tar({ 'in.zip': zip(files) }), 'a/in.zip/etc/app.env'],
    [
      'tar.gz in zip',
      async () => zip({ t: gzipSync(await tar(files)) }),
      'a/t/content/etc/app.env',
    ],
    [
      'zip behind a script',
      () => Promise.resolve(zip(files, { before: '#!/bin/sh\n' })),
      'a/etc/app.env',
    ],
  ])('finds a secret inside %s', async (_, make, path) => {
    const found = await scan(await make());
    // An archive that stores without compressing shows the secret itself too.
    expect(found.hits).toContainEqual({ path, ...hit });
    expect(found.unscanned).toEqual([]);
  });

  it('finds a secret in the name of a member', async () => {
    const found = await scan(zip({ [`backup-${secret.value}.sql`]: 'x' }));
    expect(found.hits).toContainEqual({
      path: `a/backup-${secret.value}.sql`,
      name: 'db',
      form: 'plain',
    });
  });

  it('scans what is no archive as it is', async () => {
    const found = await scan(Buffer.from(`x ${secret.value}`));
    expect(found).toEqual({
      members: [{ path: 'a', bytes: 13 }],
      hits: [{ path: 'a', name: 'db', form: 'plain' }],
      unscanned: [],
    });
  });

  it('leaves the bytes alone', async () => {
    const bytes = await tar(files);
    const before = Buffer.from(bytes);
    await scan(bytes);
    expect(bytes.equals(before)).toBe(true);
  });

  it('finds nothing in a clean archive', async () => {
    const found = await scan(zip({ 'readme.txt': 'nothing here' }));
    expect([found.hits, found.unscanned]).toEqual([[], []]);
  });
});

describe('limits', () => {
  it('say which archive lies too deep', async () => {
    const four = gzipSync(gzipSync(gzipSync(gzipSync(encoded))));
    const found = await scan(four);
    expect(found.hits).toEqual([]);
    expect(found.unscanned).toEqual([
      { path: 'a/content/content/content', reason: 'is an archive too deep inside others' },
    ]);
    expect((await scan(gzipSync(gzipSync(gzipSync(encoded))))).hits).toHaveLength(1);
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(70 * 1024 * 1024))],
    ['zip', zip({ bomb: Buffer.alloc(70 * 1024 * 1024) })],
  ])('stops a %s bomb at 64 MiB', { timeout: 60_000 }, async (_, bomb) => {
    const found = await scanArchive('a', bomb, { archives: systemArchives, scan: () => noScan });
    const unpacked = found.members.slice(1).reduce((sum, { bytes }) => sum + bytes, 0);
    expect(unpacked).toBeLessThanOrEqual(64 * 1024 * 1024);
    expect(found.unscanned[0]?.reason).toBe('unpacks to more than the limit');
  });

  it('are shared between members and levels', async () => {
    const inner = gzipSync('x'.repeat(900));
    const found = await scan(await tar({ a: inner, b: inner }), {
      maxDepth: 3,
      maxBytes: 1000,
      maxMembers: 50,
    });
    expect(found.unscanned.map(({ reason }) => reason)).toContain('unpacks to more than the limit');
    const few = await scan(zip({ a: '1', b: '2', c: '3' }), {
      maxDepth: 3,
      maxBytes: 1000,
      maxMembers: 3,
    });
    expect(few.unscanned).toEqual([{ path: 'a', reason: 'has too many members' }]);
  });

  it.each([
    [
      'a cut gzip',
      gzipSync(`x ${secret.value} ${'0123456789abcdefghij'.repeat(99)}`).subarray(0, 50),
    ],
    ['a cut zip', zip(files).subarray(0, 60)],
    ['an encrypted zip', zip(files, { flags: 1 })],
    ['xz', Buffer.from('fd377a585a000004', 'hex')],
    ['zstd', Buffer.from('28b52ffd04580000', 'hex')],
  ])('says that %s was not scanned', async (_, bytes) => {
    const found = await scan(bytes);
    expect(found.unscanned).not.toEqual([]);
  });

  it('says that a cut tar was not scanned, and scans its beginning', async () => {
    const whole = await tar({ first: secret.value, second: 'x'.repeat(2000) });
    const found = await scan(whole.subarray(0, 2000));
    expect(found.hits.map(({ path }) => path)).toContain('a/first');
    expect(found.unscanned).not.toEqual([]);
  });
});

const noScan = { push: (): void => undefined, end: () => [] };

describe('the listing', () => {
  it('names members and hits, and never a value', async () => {
    const listing = renderArchiveListing(await scan(zip(files)));
    expect(listing).toContain('"a/etc/app.env"  [REDACTED:db] (base64)');
    expect(listing).toContain('"a/readme.txt"\n');
    expect(listing).not.toContain(encoded);
  });
});

describe('formats', () => {
  it('are told by content', async () => {
    expect(archiveFormat(await tar(files))).toBe('tar');
    expect(archiveFormat(zip({}))).toBe('zip');
    expect(archiveFormat(gzipSync(''))).toBe('gzip');
    expect(archiveFormat(Buffer.from('BZh91AY&SY'))).toBe('unknown');
    expect(archiveFormat(new Uint8Array(2048))).toBeUndefined();
    expect(archiveFormat(Buffer.from('PK and more text'))).toBeUndefined();
  });
});
