import { sha256Hex } from '../evidence/canonical.ts';
import type { Intake, Limited } from './finding.ts';
import { compareText } from './order.ts';

/** The first in path order, or those that a seed picks: the same ones wherever it is asked. */
export function choosePaths(paths: readonly string[], limited: Limited): ReadonlySet<string> {
  if ('limit' in limited) return new Set([...paths].sort(compareText).slice(0, limited.limit));
  const ranked = paths.map((path) => ({
    path,
    rank: sha256Hex(`${String(limited.seed)} ${path}`),
  }));
  ranked.sort((a, b) => compareText(a.rank, b.rank));
  return new Set(ranked.slice(0, limited.sample).map(({ path }) => path));
}

export function limitIntake(intake: Intake, limited: Limited): Intake {
  const chosen = choosePaths(
    intake.subjects.map(({ path }) => path),
    limited,
  );
  const subjects = intake.subjects.filter(({ path }) => chosen.has(path));
  return { ...intake, subjects, limited };
}
