// Floor checks of backup and restore: the artifact holds what was there, and brings it back.

import type { BackupReport } from '../ports/app-driver.ts';
import type { Listing, ListingEntry } from '../ports/files.ts';
import type { JsonObject } from '../ports/json.ts';
import { errored, failed, inconclusive, notRun, passed, type Answer } from './answer.ts';
import type { OperationFacts, PerVolume } from './facts.ts';
import { present } from './floor-upgrade.ts';

/** The data marker's path within a volume. */
export const markerPath = '.seatrial-marker';
const namedMax = 10;

/** `floor.{backup,restore}.hooks`: every hook ran and ended with exit code 0. */
export function judgeHooks({ operation, hooks, backup, restore }: OperationFacts): Answer {
  const report = operation === 'backup' ? backup?.report : restore?.report;
  const all = [...hooks, ...(report?.hooks ?? [])];
  const evidence = { hooks: all.map((hook) => ({ ...hook })) as unknown as JsonObject[] };
  const bad = all.filter(
    ({ exitCode, timedOut, survivors }) => exitCode !== 0 || timedOut || survivors.length > 0,
  );
  if (bad.length > 0) return failed('driver', bad.map(hookTrouble).join('; '), evidence);
  if (report === undefined) return notRun(`${operation} ended before its hooks could be judged`);
  return all.length === 0
    ? passed('driver', 'the app declares no hook, so none was left out', evidence)
    : passed('driver', `${String(all.length)} hooks ended with exit code 0`, evidence);
}

const hookTrouble = ({ hook, exitCode, timedOut, survivors }: OperationFacts['hooks'][number]) => {
  if (timedOut) return `hook ${hook} ran over its time and was ended`;
  if (exitCode !== 0) return `hook ${hook} ended with exit code ${String(exitCode ?? 'none')}`;
  return `hook ${hook} left processes behind: ${survivors.join(', ')}`;
};

/** `floor.backup.scope`: at least one existing volume is selected, and none that base had is lost. */
export function judgeScope({ backup }: OperationFacts): Answer {
  if (backup === undefined) return notRun('no backup was made');
  const selected = Object.keys(backup.report.captured);
  const evidence = {
    selected,
    existing: Object.keys(backup.report.before),
    base: backup.baseVolumes,
  };
  const lost = backup.baseVolumes.filter((volume) => !selected.includes(volume));
  if (selected.length === 0) return failed('state', 'the backup selects no volume', evidence);
  return lost.length === 0
    ? passed('state', `the backup covers ${selected.join(', ')}`, evidence)
    : failed('state', `base backed up ${lost.join(', ')}, head does not`, evidence);
}

/** `floor.backup.artifact`: a readable artifact made after the operation began, its digest as reported. */
export function judgeArtifact({ backup }: OperationFacts): Answer {
  if (backup === undefined) return notRun('no backup was made');
  const { artifact } = backup.report;
  const evidence = {
    artifact: { sha256: artifact.sha256, bytes: artifact.bytes, madeAtMs: artifact.madeAtMs },
    operationStartedAtMs: backup.startedAtMs,
    readBack: backup.artifactSha256 ?? null,
  };
  if (backup.artifactSha256 === undefined)
    return failed('state', 'the artifact cannot be read', evidence);
  if (artifact.bytes === 0) return failed('state', 'the artifact is empty', evidence);
  if (artifact.madeAtMs < backup.startedAtMs)
    return failed(
      'state',
      'the artifact is older than the operation that should have made it',
      evidence,
    );
  return backup.artifactSha256 === artifact.sha256
    ? passed(
        'state',
        `artifact of ${String(artifact.bytes)} bytes, made now and readable`,
        evidence,
      )
    : failed('state', 'the artifact changed after it was made', evidence);
}

const key = (entry: ListingEntry): string =>
  [
    entry.kind,
    entry.mode & 0o7777,
    entry.uid,
    entry.gid,
    entry.sha256 ?? '',
    entry.target ?? '',
  ].join(' ');
const byPath = (listing: Listing): Map<string, string> =>
  new Map(listing.map((entry) => [entry.path, key(entry)]));

/** `floor.backup.covers`: the artifact lists every stable file in scope with the same digest, and each marker. */
export function judgeCovers({ backup, markers }: OperationFacts): Answer {
  if (backup === undefined) return notRun('no backup was made');
  const { report } = backup;
  const volumes = Object.keys(report.before).map((volume) => coverage(volume, report));
  const sumOf = (name: 'stableFiles' | 'unstableFiles'): number =>
    volumes.reduce((sum, volume) => sum + volume[name], 0);
  const [stable, unstable] = [sumOf('stableFiles'), sumOf('unstableFiles')];
  const missing = [
    ...volumes.flatMap((volume) => volume.missing),
    ...Object.keys(markers?.written ?? {})
      .filter((volume) => isWhole(volume, report))
      .filter((volume) => !byPath(report.captured[volume] ?? []).has(markerPath))
      .map((volume) => `${volume}:${markerPath}`),
  ];
  const evidence = {
    stableFiles: stable,
    unstableFiles: unstable,
    missing: missing.slice(0, namedMax),
    missingCount: missing.length,
  };
  if (missing.length > 0)
    return failed(
      'state',
      `not in the artifact as on disk: ${missing.slice(0, 3).join(', ')}`,
      evidence,
    );
  return stable === 0
    ? inconclusive('state', 'no file stayed unchanged during the capture', evidence)
    : passed(
        'state',
        `all ${String(stable)} stable files are in the artifact${changed(unstable)}`,
        evidence,
      );
}

const changed = (unstable: number): string =>
  unstable === 0 ? '' : `; ${String(unstable)} changed during the capture`;

/** Whether a marker at the root of the volume is in scope. */
const isWhole = (volume: string, { before, partial = [] }: BackupReport): boolean =>
  volume in before && !partial.includes(volume);

type Coverage = {
  readonly stableFiles: number;
  readonly unstableFiles: number;
  readonly missing: readonly string[];
};

/** An entry is stable when it was the same before and after the capture; only those must match. */
function coverage(
  volume: string,
  report: NonNullable<OperationFacts['backup']>['report'],
): Coverage {
  const after = byPath(report.after[volume] ?? []);
  const captured = byPath(report.captured[volume] ?? []);
  const before = report.before[volume] ?? [];
  const stable = before.filter((entry) => after.get(entry.path) === key(entry));
  const filesOf = (listing: Listing): number =>
    listing.filter(({ kind }) => kind === 'file').length;
  return {
    stableFiles: filesOf(stable),
    unstableFiles: filesOf(before) - filesOf(stable),
    missing: stable
      .filter((entry) => captured.get(entry.path) !== key(entry))
      .map(({ path }) => `${volume}:${path}`),
  };
}

/** `floor.restore.emptied`: destroyed volumes were empty before restoring; else the testbed erred. */
export function judgeEmptied({ restore }: OperationFacts): Answer {
  if (restore === undefined) return notRun('nothing was destroyed');
  const left = Object.entries(restore.emptied).flatMap(([volume, listing]) =>
    listing.filter(({ path }) => path !== '.').map(({ path }) => `${volume}:${path}`),
  );
  const evidence = { volumes: Object.keys(restore.emptied), left: left.slice(0, namedMax) };
  if (Object.keys(restore.emptied).length === 0)
    return inconclusive('state', 'there was no volume to destroy', evidence);
  return left.length === 0
    ? passed('state', 'every volume was empty before the restore', evidence)
    : errored(
        'state',
        `the harness did not empty the volumes: ${left.slice(0, 3).join(', ')}`,
        evidence,
      );
}

/** `floor.restore.files-back`: right after writing, every file of the artifact is there as it was captured. */
export function judgeFilesBack({ restore }: OperationFacts): Answer {
  if (restore === undefined) return notRun('nothing was restored');
  const missing = Object.entries(restore.captured).flatMap(([volume, listing]) => {
    const written = byPath(restore.report.written[volume] ?? []);
    return listing
      .filter((entry) => written.get(entry.path) !== key(entry))
      .map(({ path }) => `${volume}:${path}`);
  });
  const total = Object.values(restore.captured).reduce((sum, listing) => sum + listing.length, 0);
  const evidence = {
    entries: total,
    missing: missing.slice(0, namedMax),
    missingCount: missing.length,
  };
  if (total === 0) return inconclusive('state', 'the artifact lists nothing', evidence);
  return missing.length === 0
    ? passed('state', `all ${String(total)} entries are back: digest, mode, owner`, evidence)
    : failed('state', `not back as captured: ${missing.slice(0, 3).join(', ')}`, evidence);
}

/** `floor.restore.markers-back`: markers have their value at backup time; the later value is nowhere. */
export function judgeMarkersBack({ restore }: OperationFacts): Answer {
  if (restore === undefined) return notRun('nothing was restored');
  const volumes = Object.keys(restore.atBackup);
  const evidence = {
    atBackup: restore.atBackup,
    mutated: restore.mutated,
    now: present(restore.now),
  };
  if (volumes.length === 0) return inconclusive('state', 'no volume carried a marker', evidence);
  const wrong = volumes.filter((volume) => restore.now[volume] !== restore.atBackup[volume]);
  return wrong.length === 0
    ? passed('state', `the marker in ${volumes.join(', ')} is the one of the backup`, evidence)
    : failed('state', wrong.map((volume) => wrongMarker(volume, restore)).join('; '), evidence);
}

type RestoreFacts = NonNullable<OperationFacts['restore']>;
const wrongMarker = (
  volume: string,
  { now, mutated }: { now: RestoreFacts['now']; mutated: PerVolume<string> },
): string => {
  if (now[volume] === undefined) return `volume ${volume} has no marker: it was not restored`;
  return now[volume] === mutated[volume]
    ? `volume ${volume} holds what was written after the backup: nothing was restored`
    : `volume ${volume} has a marker of neither time`;
};
