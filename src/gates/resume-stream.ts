// Cuts a stream after every event, and in the middle of each, resumes it, and compares bytes.

import { concat } from '../evidence/concat.ts';
import type { HttpRequest } from '../ports/http.ts';
import type { JsonObject } from '../ports/json.ts';
import { text, type AskContext } from './ask.ts';
import type { CheckOf, Request } from './check-schema.ts';
import { parseJson } from './match.ts';
import { valueAtPointer } from './json-pointer.ts';
import { metricValue } from './metrics.ts';
import { readStream, type Cut, type StreamReading } from './read-stream.ts';
import { addressOf, httpRequest } from './send.ts';
import type { SseEvent } from './sse-parse.ts';
import { fill } from './placeholders.ts';

type Resume = NonNullable<CheckOf<'sse'>['resume']>;

export type Resumed = {
  readonly faults: readonly string[];
  readonly facts: JsonObject;
  readonly positions: number;
  /** Bytes of every resumed stream, one after another. */
  readonly log: Uint8Array;
};

type Setting = {
  readonly request: Request;
  readonly whole: StreamReading;
  readonly context: AskContext;
};

type Tally = {
  readonly faults: string[];
  readonly logs: Uint8Array[];
  positions: number;
  gaps: number;
  repeats: number;
};

export async function resumeEverywhere(resume: Resume, setting: Setting): Promise<Resumed> {
  const { whole, context } = setting;
  const tally: Tally = { faults: [], logs: [], positions: 0, gaps: 0, repeats: 0 };
  const before = await readCounter(resume, context);
  let firstId: string | null = null;
  for (const cut of cutsOf(whole.events.length, resume.mid_frame)) {
    context.signal.throwIfAborted();
    const resumed = await resumeAt(resume, cut, setting);
    firstId ??= resumed.tail[0]?.id ?? null;
    add(tally, cut, resumed);
  }
  const after = await readCounter(resume, context);
  const calls = countFaults(resume, { before, after, streams: tally.positions });
  return {
    faults: [...tally.faults, ...calls],
    positions: tally.positions,
    log: concat(tally.logs),
    facts: {
      positions_tested: tally.positions,
      gaps: tally.gaps,
      repeats: tally.repeats,
      resumed_first: firstId,
      monotonic: tally.gaps === 0 && tally.repeats === 0,
      ...(before === undefined || after === undefined ? {} : { engine_calls: after - before }),
    },
  };
}

/** After none to all but the last; a cut in the middle of a frame stands before its event too. */
function cutsOf(events: number, midFrame: boolean): readonly Cut[] {
  const after = Array.from({ length: events }, (_, index) => index);
  return after.flatMap((each) => [
    { events: each, partial: false },
    ...(midFrame ? [{ events: each, partial: true }] : []),
  ]);
}

type ResumedOnce = {
  readonly head: readonly SseEvent[];
  readonly tail: readonly SseEvent[];
  readonly log: readonly SseEvent[];
  readonly status: number;
  readonly tornBytes: number;
};

async function resumeAt(
  resume: Resume,
  cut: Cut,
  { request, whole, context }: Setting,
): Promise<ResumedOnce> {
  const { streams } = context.world;
  const first = await readStream(streams, httpRequest(request, context), cut);
  const again = (lastId: string) =>
    readStream(streams, resuming(resume, { request, context, first, lastId }));
  const tail = await again(first.events.at(-1)?.id ?? '0');
  const log = resume.log === 'uncut' ? whole : await again('0');
  const { events, status, tornBytes } = tail;
  return { head: first.events, tail: events, log: log.events, status, tornBytes };
}

function resuming(
  resume: Resume,
  {
    request,
    context,
    first,
    lastId,
  }: {
    readonly request: Request;
    readonly context: AskContext;
    readonly first: StreamReading;
    readonly lastId: string;
  },
): HttpRequest {
  const headers: Record<string, string> = { 'last-event-id': lastId };
  const query = new URLSearchParams();
  for (const { from, header, query: parameter } of resume.carry) {
    const value = first.headers[from.toLowerCase()] ?? '';
    if (header !== undefined) headers[header] = value;
    if (parameter !== undefined) query.set(parameter, value);
  }
  const sent = httpRequest(resume.request ?? request, context, headers);
  const extra = query.toString();
  if (extra === '') return sent;
  return { ...sent, url: `${sent.url}${sent.url.includes('?') ? '&' : '?'}${extra}` };
}

function add(tally: Tally, cut: Cut, resumed: ResumedOnce): void {
  const { head, tail, log, status, tornBytes } = resumed;
  const at = String(cut.events + (cut.partial ? 1 : 0));
  const where = `cut ${cut.partial ? 'in' : 'after'} event ${at}`;
  tally.positions += 1;
  tally.logs.push(...tail.map(({ raw }) => raw));
  const faults = [
    ...(status === 200 ? [] : [`resuming answers ${String(status)}`]),
    ...(tornBytes > 0 ? ['the resumed stream ends in the middle of a frame'] : []),
    ...(sameFrames(head, log.slice(0, head.length))
      ? []
      : ['what came before the cut is not what the log says']),
    ...tailFaults(tally, resumed),
  ];
  tally.faults.push(...faults.map((each) => `${where}: ${each}`));
}

function tailFaults(tally: Tally, { head, tail, log }: ResumedOnce): readonly string[] {
  const wanted = log.slice(head.length);
  if (sameFrames(tail, wanted)) return [];
  const missing = wanted.filter((event) => !tail.some((each) => isSameFrame(each, event)));
  const repeated = tail.filter((event) => head.some((each) => isSameFrame(each, event)));
  tally.gaps += missing.length;
  tally.repeats += repeated.length;
  const told = (events: readonly SseEvent[], what: string): readonly string[] =>
    events.length === 0
      ? []
      : [`${String(events.length)} events are ${what}, first id ${events[0]?.id ?? 'none'}`];
  const named = [...told(missing, 'lost'), ...told(repeated, 'repeated')];
  return named.length > 0
    ? named
    : [`${String(tail.length)} frames came, not the ${String(wanted.length)} of the log`];
}

const isSameFrame = (a: SseEvent, b: SseEvent): boolean =>
  a.raw.length === b.raw.length && a.raw.every((byte, index) => byte === b.raw[index]);

const sameFrames = (a: readonly SseEvent[], b: readonly SseEvent[]): boolean =>
  a.length === b.length &&
  a.every((event, index) => {
    const other = b[index];
    return other !== undefined && isSameFrame(event, other);
  });

async function readCounter({ counter }: Resume, context: AskContext): Promise<number | undefined> {
  if (counter === undefined) return undefined;
  const { world, url, values, requestTimeoutMs, signal } = context;
  const { body } = await world.http.request({
    url: addressOf(fill(counter.get, values), url),
    timeoutMs: requestTimeoutMs,
    signal,
  });
  const page = text(body);
  const value =
    counter.metric === undefined
      ? valueAtPointer(parseJson(page), counter.json ?? '')
      : metricValue(page, counter.metric);
  return typeof value === 'number' ? value : NaN;
}

function countFaults(
  { counter }: Resume,
  {
    before,
    after,
    streams,
  }: {
    readonly before: number | undefined;
    readonly after: number | undefined;
    readonly streams: number;
  },
): readonly string[] {
  if (counter === undefined || before === undefined || after === undefined) return [];
  const wanted = counter.growth * streams;
  const grown = after - before;
  if (Number.isNaN(grown)) return ['the counter says no number'];
  return grown === wanted
    ? []
    : [
        `the counter grew by ${String(grown)} for ${String(streams)} streams, not ${String(wanted)}`,
      ];
}
