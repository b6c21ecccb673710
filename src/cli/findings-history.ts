// The folder of snapshots on disk. Nothing in it is overwritten but `trends.json`, which can be told
// anew from the snapshots.

import { systemFiles } from '../drivers/files.ts';
import { classificationSchema, type Classification } from '../findings/classification-schema.ts';
import {
  isSnapshot,
  snapshotName,
  sortSnapshots,
  surplusSnapshots,
  trendsMax,
  trendsName,
} from '../findings/history.ts';
import { latestTrends, readTrends, renderTrends, trendOf, type Trend } from '../findings/trends.ts';
import type { Terminal } from './command.ts';
import { fileAt } from './findings-options.ts';

export type Snapshots = ReadonlyMap<string, Classification | undefined>;

async function namesIn(folder: string): Promise<readonly string[]> {
  if ((await systemFiles.stat(folder)) === undefined) return [];
  return (await systemFiles.list(folder)).map(({ name }) => name);
}

async function readSnapshot(path: string): Promise<Classification | undefined> {
  try {
    const parsed = classificationSchema.safeParse(JSON.parse(await systemFiles.readText(path)));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function readSnapshots(folder: string, files: readonly string[]): Promise<Snapshots> {
  const there = new Set(await namesIn(folder));
  const found = new Map<string, Classification | undefined>();
  for (const file of files)
    found.set(file, there.has(file) ? await readSnapshot(`${folder}/${file}`) : undefined);
  return found;
}

/** Trends as they are told, or anew from the snapshots when they are absent or corrupt. */
export async function loadTrends(given: string, terminal: Terminal): Promise<readonly Trend[]> {
  const folder = fileAt(given, terminal);
  const names = await namesIn(folder);
  if (names.includes(trendsName)) {
    const told = readTrends(await systemFiles.readText(`${folder}/${trendsName}`));
    if (told !== undefined) return told;
    terminal.err(
      `seatrial: ${given}/${trendsName} is corrupt; it is told anew from the snapshots\n`,
    );
  }
  const last = sortSnapshots(names).slice(-trendsMax);
  const snapshots = await readSnapshots(folder, last);
  return latestTrends(
    last.flatMap((file) => {
      const snapshot = snapshots.get(file);
      if (snapshot === undefined) terminal.err(`seatrial: snapshot ${file} cannot be read\n`);
      return snapshot === undefined ? [] : [trendOf(file, snapshot)];
    }),
  );
}

/** Adds a snapshot and then the trends; `keep` prunes the oldest beyond that many. */
export async function recordHistory(
  classification: Classification,
  given: string,
  { terminal, keep }: { readonly terminal: Terminal; readonly keep: number | undefined },
): Promise<void> {
  const folder = fileAt(given, terminal);
  await systemFiles.makeDirectory(folder);
  const before = await loadTrends(given, terminal);
  const taken = new Set((await namesIn(folder)).filter(isSnapshot));
  const name = snapshotName(classification.summary.timestamp, taken);
  await systemFiles.replace(`${folder}/${name}`, `${JSON.stringify(classification)}\n`, 0o644);
  const trends = latestTrends([...before, trendOf(name, classification)]);
  await systemFiles.replace(`${folder}/${trendsName}`, renderTrends(trends), 0o644);
  if (keep === undefined) return;
  for (const surplus of surplusSnapshots([...taken, name], keep))
    await systemFiles.remove(`${folder}/${surplus}`);
}
