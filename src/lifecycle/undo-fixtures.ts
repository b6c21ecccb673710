// Undoes the fixtures of a dead run, from its records and its undo folder alone (F2): last first, each on its own
// budget, whatever became of the others.

import type { Entry } from '../evidence/record.ts';
import type { RunState, UndoState } from '../evidence/run-state.ts';
import type { Files } from '../ports/files.ts';
import type { FixturePorts } from '../ports/fixtures.ts';
import type { JsonObject } from '../ports/json.ts';
import { bounded } from './bounded.ts';
import { textOf, type Digests, type UndoRecord, type UndoReport } from './fixture-kind.ts';
import { kindNamed } from './fixture-kinds.ts';
import { restoredBy, type Restored } from './fixtures.ts';
import { writerFor } from './register-undo.ts';

type Write = (entry: Entry) => Promise<unknown>;

/** Names what could not be put back, with its retry command. */
export async function undoFixtures(
  ports: FixturePorts,
  state: RunState,
  record: Write,
): Promise<readonly string[]> {
  const open = (await openFixtures(ports.files, state)).toSorted(
    (a, b) => (b.order ?? 0) - (a.order ?? 0),
  );
  const left: string[] = [];
  for (const undo of open) {
    const { restored, report } = await undoOne(ports, state, undo);
    if (undo.outcome === 'open')
      await record({ type: 'undo.ended', data: { undo: undo.undo, ...restored } });
    if (restored.outcome === 'restored') {
      await close(ports, undo, { record, report, state });
      if (state.ended !== undefined) await mark(ports, undo);
    } else
      left.push(
        `fixture ${undo.fixture ?? ''} at ${undo.target} (${restored.message ?? ''}; retry: seatrial recover ${state.started.run})`,
      );
  }
  return left;
}

/** Those of the run that are not back where they were. */
export async function openFixtures(
  files: Pick<Files, 'stat'>,
  { undos }: RunState,
): Promise<readonly UndoState[]> {
  const open: UndoState[] = [];
  for (const undo of undos) {
    if (undo.fixture === undefined || undo.outcome === 'restored') continue;
    if ((await files.stat(markOf(undo))) === undefined) open.push(undo);
  }
  return open;
}

/**
 * The journal of a run that has ended takes no record. Without a mark its fixture would be undone again and again, and
 * whatever came to its target later would be lost.
 */
async function mark({ files }: FixturePorts, undo: UndoState): Promise<void> {
  const path = markOf(undo);
  await files.makeDirectory(path.slice(0, path.lastIndexOf('/')), 0o700);
  await files.replace(path, `${undo.target}\n`, 0o600);
}

const markOf = (undo: UndoState): string => `${textOf(preOf(undo), 'folder')}.restored`;

const preOf = ({ pre }: UndoState): JsonObject => (pre ?? {}) as JsonObject;

function recordOf({ started }: RunState, undo: UndoState, signal: AbortSignal): UndoRecord {
  const pre = preOf(undo);
  const { target, applied } = undo;
  return {
    ...{ run: started.run, target, pre, signal, folder: textOf(pre, 'folder') },
    ...(applied === undefined ? {} : { applied }),
  };
}

async function undoOne(
  ports: FixturePorts,
  state: RunState,
  undo: UndoState,
): Promise<{ readonly restored: Restored; readonly report: UndoReport }> {
  const kind = kindNamed(undo.kind);
  if (kind === undefined) {
    const message = `this version cannot undo \`${undo.kind}\``;
    return { restored: { outcome: 'failed', message }, report: {} };
  }
  const result = await bounded(ports.clock, { budgetMs: undo.budgetMs }, (signal) =>
    kind.undo(writerFor(ports, undo), recordOf(state, undo, signal)),
  );
  return {
    restored: restoredBy(result),
    report: result.kind === 'value' ? result.value : {},
  };
}

/** Looks again, says so where it was applied, and lets go of the pre-image (F14). */
async function close(
  ports: FixturePorts,
  undo: UndoState,
  { record, report, state }: { record: Write; report: UndoReport; state: RunState },
): Promise<void> {
  const pre = preOf(undo);
  const folder = textOf(pre, 'folder');
  if (undo.applied !== undefined && undo.outcome === 'open') {
    const never = new AbortController().signal;
    const seen = await bounded(ports.clock, { budgetMs: undo.budgetMs }, async () =>
      kindNamed(undo.kind)?.digests(ports, recordOf(state, undo, never)),
    );
    const post: Digests | undefined = seen.kind === 'value' ? seen.value : undefined;
    const details: JsonObject = {
      pre: pre['digests'] ?? null,
      ...(post === undefined ? {} : { post: { ...post } }),
      ...(report.conflict === undefined ? {} : { conflict: report.conflict }),
    };
    await record({
      type: 'fixture.restored',
      data: { fixture: undo.fixture ?? '', details },
    });
  }
  if (folder !== '') await ports.files.remove(folder);
}
