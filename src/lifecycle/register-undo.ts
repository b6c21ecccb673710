// The only place where a fixture gets hands (F1): the record that says how to undo it is on the disk before.

import type { RecordData } from '../evidence/record.ts';
import type { UndoState } from '../evidence/run-state.ts';
import type { FixturePorts, FixtureWriter } from '../ports/fixtures.ts';
import type { Recorder } from './recorder.ts';

export async function registerUndo(
  { append }: Pick<Recorder, 'append'>,
  ports: FixturePorts,
  data: RecordData['undo.registered'],
): Promise<FixtureWriter> {
  await append({ type: 'undo.registered', data }, { durable: true });
  return ports as FixtureWriter;
}

/** For an undo whose record was read from the disk, or was written there by this process. */
export function writerFor(ports: FixturePorts, { undo }: Pick<UndoState, 'undo'>): FixtureWriter {
  if (undo === '') throw new Error('an undo without a name was never registered');
  return ports as FixtureWriter;
}
