// Summaries of bundles that were read before. A summary is taken for what lies there only if every
// file of the bundle still has the digest it had; digests are taken again for files that the kernel
// says were touched. Whoever can write here can also write bundles, so a release never asks it.

import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Remembered } from '../audit/open-store.ts';
import { summaryVersion, type BundleSummary } from '../audit/summary.ts';
import { systemFiles } from '../drivers/files.ts';
import { treeDigest } from '../evidence/tree-digest.ts';
import type { DigestMemory } from '../ports/files.ts';
import { WorldError } from '../ports/world-error.ts';
import { version } from './version.ts';

type Entry = {
  readonly tool: string;
  readonly summaryVersion: number;
  readonly tree: string;
  readonly memory: readonly (readonly [
    string,
    { readonly stamp: string; readonly sha256: string },
  ])[];
  readonly summary: BundleSummary;
};

const entryMaxBytes = 64 * 1024 * 1024;

/** In `<store>/cache/audit/`, by the chain head that the store's list names. */
export function openAuditCache(store: string): Remembered {
  const folder = join(store, 'cache', 'audit');
  const pathOf = (head: string): string => join(folder, `${head}.json`);
  return {
    find: async (bundle, head) => {
      const entry = await readEntry(pathOf(head));
      if (entry === undefined || entry.summary.run !== basename(bundle)) return undefined;
      const memory: DigestMemory = new Map(entry.memory);
      const tree = treeDigest(await systemFiles.listing(bundle, { memory }));
      return tree === entry.tree ? entry.summary : undefined;
    },
    keep: async (bundle, summary) => {
      if (!/^[0-9a-f]{64}$/.test(summary.head)) return;
      const memory: DigestMemory = new Map();
      const tree = treeDigest(await systemFiles.listing(bundle, { memory }));
      const entry: Entry = { tool: version, summaryVersion, tree, memory: [...memory], summary };
      try {
        await mkdir(folder, { recursive: true });
        await systemFiles.replace(pathOf(summary.head), JSON.stringify(entry));
      } catch (error) {
        // A store that cannot be written to is read all the same.
        if (!(error instanceof WorldError) && !isSystemError(error)) throw error;
      }
    },
  };
}

const isSystemError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string';

const isEntry = (entry: Partial<Entry>): entry is Entry =>
  entry.tool === version &&
  entry.summaryVersion === summaryVersion &&
  Array.isArray(entry.memory) &&
  entry.summary?.version === summaryVersion;

async function readEntry(path: string): Promise<Entry | undefined> {
  if ((await systemFiles.stat(path))?.kind !== 'file') return undefined;
  try {
    const entry = JSON.parse(await systemFiles.readText(path, entryMaxBytes)) as Partial<Entry>;
    return isEntry(entry) ? entry : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof WorldError) return undefined;
    throw error;
  }
}
