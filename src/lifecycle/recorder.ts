// What operations use to write evidence: the journal and the objects of one bundle.

import type { Entry, JournalRecord, ObjectRef, RecordData, Stage } from '../evidence/record.ts';
import type { Answer } from '../checks/answer.ts';
import type { ExpectedCheck } from '../evidence/record.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import type { Clock } from '../ports/clock.ts';

export type Journal = {
  readonly append: (entry: Entry, options?: { durable?: boolean }) => Promise<JournalRecord>;
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type PutObject = (path: string, bytes: Uint8Array, mediaType: string) => Promise<ObjectRef>;

export type Recorder = {
  readonly append: Journal['append'];
  readonly note: (
    code: string,
    message: string,
    options?: { severity?: RecordData['note']['severity']; details?: JsonObject },
  ) => Promise<void>;
  readonly put: PutObject;
  /** Stores a value and an `observation` that points to it. */
  readonly observe: (operation: string, what: string, value: Json, stage?: Stage) => Promise<void>;
  /** Asks one expected check: start record, question, evidence, end record. */
  readonly ask: (check: ExpectedCheck, operation: string, judge: () => Answer) => Promise<Answer>;
  /** Records an answer that was found elsewhere (an overlay's child process). */
  readonly answer: (check: ExpectedCheck, operation: string, given: GivenAnswer) => Promise<void>;
};

export type GivenAnswer = Omit<Answer, 'evidence'> & {
  readonly durationMs: number;
  readonly evidence: readonly {
    readonly name: string;
    readonly mediaType: string;
    readonly bytes: Uint8Array;
  }[];
};

const utf8 = new TextEncoder();
export const jsonBytes = (value: Json): Uint8Array =>
  utf8.encode(`${JSON.stringify(value, null, 2)}\n`);

export function makeRecorder(journal: Journal, put: PutObject, clock: Clock): Recorder {
  const answer: Recorder['answer'] = async (check, operation, given) => {
    const evidence: ObjectRef[] = [];
    for (const { name, mediaType, bytes } of given.evidence)
      evidence.push(await put(`evidence/${check.id}/${name}`, bytes, mediaType));
    await journal.append({
      type: 'check.ended',
      data: {
        check: check.id,
        operation,
        boundary: check.boundary,
        verdict: given.verdict,
        attempt: 1,
        message: given.message,
        evidence,
        touched: given.touched,
        durationMs: given.durationMs,
      },
    });
  };
  return {
    append: journal.append,
    put,
    note: async (code, message, { severity = 'info', details } = {}) => {
      const data = { code, message, severity, ...(details === undefined ? {} : { details }) };
      await journal.append({ type: 'note', data });
    },
    observe: async (operation, what, value, stage) => {
      const path = `observations/${operation}/${what}.json`;
      const object = await put(path, jsonBytes(value), 'application/json');
      const data = { operation, what, ...(stage === undefined ? {} : { stage }), object };
      await journal.append({ type: 'observation', data });
    },
    ask: async (check, operation, judge) => {
      const { id, boundary } = check;
      await journal.append({ type: 'check.started', data: { check: id, operation, boundary } });
      const startedMs = clock.monotonicMs();
      const judged = judge();
      const evidence =
        Object.keys(judged.evidence).length === 0
          ? []
          : [
              {
                name: 'facts.json',
                mediaType: 'application/json',
                bytes: jsonBytes({ schema: 'seatrial.facts/v1', check: id, ...judged.evidence }),
              },
            ];
      const durationMs = Math.round(clock.monotonicMs() - startedMs);
      await answer(check, operation, { ...judged, durationMs, evidence });
      return judged;
    },
    answer,
  };
}
