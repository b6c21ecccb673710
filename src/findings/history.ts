// The folder of snapshots: names, and what may be deleted.

import { compareText } from './order.ts';

/** As many snapshots as `trends.json` tells of. */
export const trendsMax = 20;
export const trendsName = 'trends.json';
const snapshot = /^\d{8}T\d{6}(?:-\d+)?_classification\.json$/;

export const isSnapshot = (name: string): boolean => snapshot.test(name);

/** `<YYYYMMDDTHHMMSS>_classification.json`; a second one in a second gets `-2`. */
export function snapshotName(timestamp: string, taken: ReadonlySet<string>): string {
  const stem = timestamp.slice(0, 19).replace(/[-:]/gu, '');
  for (let again = 1; ; again += 1) {
    const name = `${stem}${again === 1 ? '' : `-${String(again)}`}_classification.json`;
    if (!taken.has(name)) return name;
  }
}

/** Snapshots oldest first: by time, then by how often that second was used. */
export function sortSnapshots(names: readonly string[]): readonly string[] {
  return names.filter(isSnapshot).sort(compareSnapshots);
}

export const compareSnapshots = (a: string, b: string): number =>
  compareText(timeOf(a), timeOf(b)) || againOf(a) - againOf(b);

const timeOf = (name: string): string => name.slice(0, 15);
const againOf = (name: string): number => Number(/-(\d+)_/u.exec(name)?.[1] ?? 1);

/** The oldest beyond `keep`, of which there are never fewer than trends tell of. */
export const surplusSnapshots = (names: readonly string[], keep: number): readonly string[] => {
  const sorted = sortSnapshots(names);
  return sorted.slice(0, Math.max(0, sorted.length - Math.max(keep, trendsMax)));
};
