// Originals of migrated files. The list of what will change is on disk before the first change, so
// that whatever was done can be undone, also after a crash.

import { isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod';
import { sha256Hex } from '../evidence/canonical.ts';
import { systemFiles } from '../drivers/files.ts';
import { rewrite } from './aether-write.ts';
import { UsageError } from './command.ts';

export type Original = {
  /** Absolute. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** What the file holds afterwards. */
  readonly migrated: Uint8Array;
};

const indexName = 'index.json';
const indexMaxBytes = 1 << 28;

const indexSchema = z.strictObject({
  schema: z.literal('seatrial/aether-migration/1'),
  files: z.array(
    z.strictObject({
      path: z.string().refine((path) => isAbsolute(path), 'an absolute path'),
      original: z.string().regex(/^\d+\.original$/),
      original_sha256: z.string().regex(/^[0-9a-f]{64}$/),
      migrated_sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

/** Keeps the originals in a new folder. */
export async function keepOriginals(folder: string, originals: readonly Original[]): Promise<void> {
  if ((await systemFiles.stat(folder)) !== undefined)
    throw new UsageError(`${folder} is there already`, 'originals are never overwritten');
  await systemFiles.makeDirectory(folder);
  const files = originals.map(({ path, bytes, migrated }, index) => ({
    path,
    original: `${String(index + 1)}.original`,
    original_sha256: sha256Hex(bytes),
    migrated_sha256: sha256Hex(migrated),
  }));
  for (const [index, { bytes }] of originals.entries())
    await systemFiles.replace(join(folder, files[index]?.original ?? ''), bytes);
  const schema = 'seatrial/aether-migration/1';
  await systemFiles.replace(
    join(folder, indexName),
    `${JSON.stringify({ schema, files }, null, 2)}\n`,
  );
}

export type Restored = {
  readonly path: string;
  readonly ok: boolean;
  /** What was done, or why nothing was. */
  readonly told: string;
};

/** Puts the originals back; a file that was changed since the migration stays as it is. */
export async function restoreOriginals(folder: string): Promise<readonly Restored[]> {
  const index = await readIndex(folder);
  const restored: Restored[] = [];
  for (const { path, original, original_sha256, migrated_sha256 } of index.files) {
    const bytes = await systemFiles.read(join(folder, original), indexMaxBytes);
    if (sha256Hex(bytes) !== original_sha256)
      throw new UsageError(`${join(folder, original)} is not what was kept`);
    const now = await digestOf(path);
    if (now === original_sha256) restored.push({ path, ok: true, told: 'as it was already' });
    else if (now !== migrated_sha256)
      restored.push({ path, ok: false, told: 'changed since the migration; not touched' });
    else {
      const failed = await rewrite(path, bytes);
      restored.push({ path, ok: failed === undefined, told: failed ?? 'restored' });
    }
  }
  return restored;
}

async function digestOf(path: string): Promise<string | undefined> {
  if ((await systemFiles.stat(path)) === undefined) return undefined;
  return sha256Hex(await systemFiles.read(path, indexMaxBytes));
}

async function readIndex(folder: string): Promise<z.infer<typeof indexSchema>> {
  const path = resolve(folder, indexName);
  if ((await systemFiles.stat(path)) === undefined)
    throw new UsageError(`${folder} holds no originals of a migration`);
  try {
    return indexSchema.parse(JSON.parse(await systemFiles.readText(path, indexMaxBytes)));
  } catch {
    throw new UsageError(`${path} is not what was kept`);
  }
}
