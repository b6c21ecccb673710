// The folder of one run while it is written: journal, objects and the projections that a killed run
// leaves behind truthful.

import type { Clock } from '../ports/clock.ts';
import type { Files } from '../ports/files.ts';
import { bundlePaths, type BundlePaths, type ReportName } from './bundle-paths.ts';
import { makeFold } from './fold.ts';
import type { JournalHeader } from './journal-chain.ts';
import { openJournal, type Journal } from './journal-writer.ts';
import { renderMarkers } from './markers.ts';
import { openObjectStore, type ObjectStore } from './object-store.ts';
import type { Entry, JournalRecord } from './record.ts';
import type { Redactor } from './redactor.ts';
import { renderResult } from './result.ts';
import type { JournalReading, RunState } from './run-state.ts';

export type BundleOptions = {
  readonly files: Files;
  readonly clock: Clock;
  readonly root: string;
  readonly header: JournalHeader;
  readonly redactor: Redactor;
  /** Goes on with a run whose process died; see `openJournal`. */
  readonly resume?: JournalReading;
  /** Called with each record after it was numbered, in order: for progress and live logs. */
  readonly onRecord?: (record: JournalRecord) => void;
};

export type Bundle = {
  readonly paths: BundlePaths;
  /**
   * As `Journal.append`. `result.json` is up to date when it returns for the start and end of the
   * run and for the end of an operation; with the end of the run so is `markers.log`.
   */
  readonly append: Journal['append'];
  readonly sync: Journal['sync'];
  /** Writes `result.json`, and `markers.log` of a run that ended, from the records so far. */
  readonly project: () => Promise<void>;
  readonly put: ObjectStore['put'];
  /** The state by the records appended so far. There is none before `run.started`. */
  readonly state: () => RunState;
  /** Writes a report, masked. */
  readonly writeReport: (name: ReportName, text: string) => Promise<void>;
  /** Writes the attestation's lines as they are, since they are signed. */
  readonly writeAttestation: (lines: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

export async function openBundle(options: BundleOptions): Promise<Bundle> {
  const { files, clock, root, header, redactor, resume, onRecord } = options;
  const paths = bundlePaths(root);
  await files.makeDirectory(root);
  const objects = await openObjectStore({ files, root, redactor });
  const fold = makeFold();
  for (const record of resume?.records ?? []) fold.add(record);
  const journal = await openJournal({
    ...{ files, clock, path: paths.journal, header, redactor, beforeSync: objects.sync },
    ...(resume === undefined ? {} : { resume }),
    onRecord: (record) => {
      fold.add(record);
      onRecord?.(record);
    },
  });
  const state = () => fold.state(journal.state().head);
  const project = oneAtATime(async () => {
    const projected = state();
    // A projection may never be ahead of the journal on the disk.
    await journal.sync();
    await writeProjections(files, paths, projected);
  });
  return {
    paths,
    append: async (entry, durability) => {
      const record = await journal.append(entry, durability);
      if (isProjected(entry)) await project();
      return record;
    },
    sync: journal.sync,
    project,
    put: objects.put,
    state,
    writeReport: (name, text) => files.replace(`${root}/${name}`, redactor.redactText(text)),
    writeAttestation: (lines) => files.replace(paths.attestation, lines),
    close: async () => {
      try {
        await journal.close();
      } finally {
        // After a failure of the journal there may be open files left.
        await objects.sync().catch(() => undefined);
      }
    },
  };
}

const isProjected = ({ type }: Entry): boolean =>
  type === 'run.started' || type === 'operation.ended' || type === 'run.ended';

/** Both are made of redacted records and need no masking of their own. */
async function writeProjections(files: Files, paths: BundlePaths, state: RunState): Promise<void> {
  await files.replace(paths.result, renderResult(state));
  if (state.ended !== undefined) await files.replace(paths.markers, renderMarkers(state));
}

/** So that an older projection is never renamed over a newer one. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last.then(work, work);
    last = next;
    return next;
  };
}
