// A check whose facts are judged by data: the object that is stored is what the judge reads, here and when it is
// verified.

import { evidenceSchema, type Expectation } from '../evidence/expectation.ts';
import { judgeFacts } from '../evidence/judge.ts';
import type { Boundary, ExpectedCheck } from '../evidence/record.ts';
import type { Redactor } from '../evidence/redactor.ts';
import type { Verdict } from '../evidence/verdict.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import type { Recorder } from './recorder.ts';

export type EvidenceSource = {
  /** Sequence number of the journal's last record when the call was made. */
  readonly call: number;
  readonly transport: string;
  /** `sha256:<hex>` of what was asked and of what came back. */
  readonly command: string;
  readonly output: string;
  readonly target?: string;
};

export type JudgedQuestion = {
  readonly check: string;
  readonly operation: string;
  readonly observed?: JsonObject;
  readonly expect?: readonly Expectation[];
  readonly sources?: readonly EvidenceSource[];
  readonly touched?: readonly Boundary[];
  readonly durationMs?: number;
  /** Name of the object; default `facts.json`. */
  readonly name?: string;
  /** More objects of the evidence. */
  readonly also?: readonly { readonly name: string; readonly text: string }[];
  /** The surface that the check is about, when no call was proven to touch it (C3). */
  readonly untouched?: Boundary;
  /** Why nothing could be observed: the testbed's fault. */
  readonly error?: string;
  /** Why the answer is no although nothing could be observed. */
  readonly failure?: string;
};

type Session = {
  readonly recorder: Recorder;
  readonly redactor: Redactor;
  readonly expected: ReadonlyMap<string, ExpectedCheck>;
};

/** Records the answer to an expected check; one that is not expected is not asked. */
export async function askJudged(
  { recorder, redactor, expected }: Session,
  question: JudgedQuestion,
): Promise<Verdict | undefined> {
  const check = expected.get(question.check);
  if (check === undefined) return undefined;
  const { operation, durationMs = 0, name = 'facts.json' } = question;
  const { boundary } = check;
  await recorder.append({
    type: 'check.started',
    data: { check: check.id, operation, boundary },
  });
  const { verdict, message, text } = judge(question, check.boundary, redactor);
  await recorder.answer(check, operation, {
    ...{ verdict, message, durationMs },
    touched: question.touched ?? (text === undefined ? [] : [boundary]),
    evidence: [
      ...(text === undefined ? [] : [{ name, mediaType: 'application/json', bytes: utf8(text) }]),
      ...(question.also ?? []).map((each) => ({
        ...{ name: each.name, mediaType: 'text/plain', bytes: utf8(each.text) },
      })),
    ],
  });
  return verdict;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

type Answered = { readonly verdict: Verdict; readonly message: string; readonly text?: string };

/** Of the text as it is stored: what was masked can be compared no more. */
function judge(
  { check, observed, expect = [], sources = [], ...question }: JudgedQuestion,
  boundary: Boundary,
  redactor: Redactor,
): Answered {
  const { error, failure, untouched } = question;
  if (error !== undefined) return { verdict: 'error', message: error };
  if (failure !== undefined) return { verdict: 'failed', message: failure };
  const object = {
    ...{ schema: evidenceSchema, check, boundary, attempt: 1 },
    ...{ observed: observed ?? {}, expect, sources },
  };
  const text = redactor.redactText(`${JSON.stringify(object, null, 2)}\n`);
  const stored = JSON.parse(text) as {
    readonly observed: Json;
    readonly expect: readonly Expectation[];
  };
  const judged = { ...judgeFacts(stored.observed, stored.expect), text };
  if (untouched === undefined || judged.verdict !== 'passed') return judged;
  return { verdict: 'inconclusive', message: `wrong-boundary: no call touched ${untouched}`, text };
}
