import { concat } from '../evidence/concat.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import { judged, type Ask } from './ask.ts';
import { headerFaults } from './ask-http.ts';
import { parseJson } from './match.ts';
import { readStream, type StreamReading } from './read-stream.ts';
import { resumeEverywhere, type Resumed } from './resume-stream.ts';
import { httpRequest, statusFault } from './send.ts';
import type { SseEvent } from './sse-parse.ts';
import { headerFault, streamFaults } from './sse-rules.ts';

/** The stream fits, and so does every stream that was cut and resumed. */
export const askSse: Ask<'sse'> = async (check, context) => {
  const { status = 200, headers = {}, ...expect } = check.expect;
  const whole = await readStream(context.world.streams, httpRequest(check.request, context));
  const faults = [
    ...statusFault(whole.status, status),
    ...headerFaults(whole.headers, headers),
    ...endFaults(whole),
    ...emptyFaults(whole, { status, count: expect.count }),
    ...streamFaults(whole.events, expect),
    ...headerFault(whole.events, whole.headers, expect.header_equals),
  ];
  const resumed =
    check.resume === undefined || faults.length > 0
      ? undefined
      : await resumeEverywhere(check.resume, { request: check.request, whole, context });
  const all = [...faults, ...(resumed?.faults ?? [])];
  return judged(all, summaryOf(whole, resumed), {
    facts: { ...streamFacts(whole), ...(resumed?.facts ?? {}) },
    document: whole.events.map(eventJson),
    files: [
      {
        name: 'uncut',
        mediaType: 'text/event-stream',
        bytes: concat(whole.events.map(({ raw }) => raw)),
      },
      ...(resumed === undefined
        ? []
        : [{ name: 'resumed', mediaType: 'text/event-stream', bytes: resumed.log }]),
    ],
  });
};

const endFaults = ({ ended, tornBytes }: StreamReading): readonly string[] => [
  ...(ended === 'flood' ? ['the stream is a flood and was cut'] : []),
  ...(tornBytes > 0 ? [`the stream ends in the middle of a frame (${String(tornBytes)} B)`] : []),
];

/** A stream without an event shows nothing, and nothing would be wrong with it. */
const emptyFaults = (
  { events }: StreamReading,
  { status, count }: { readonly status: number | readonly number[]; readonly count: unknown },
): readonly string[] =>
  events.length === 0 && count === undefined && [status].flat().includes(200)
    ? ['no event came']
    : [];

function summaryOf({ events }: StreamReading, resumed: Resumed | undefined): string {
  const count = `${String(events.length)} events`;
  return resumed === undefined
    ? count
    : `${count}, resumed at ${String(resumed.positions)} positions without loss`;
}

const eventJson = ({ type, id, data }: SseEvent): Json => ({
  type,
  ...(id === undefined ? {} : { id }),
  data: parseJson(data) ?? data,
});

const shownEvents = 50;

function streamFacts({ status, headers, events }: StreamReading): JsonObject {
  const last = events.at(-1);
  return {
    status,
    headers,
    events: events.length,
    order: events.slice(0, shownEvents).map(({ type }) => type),
    last_id: last?.id ?? null,
    by_type: Object.fromEntries(events.toReversed().map((event) => [event.type, eventJson(event)])),
  };
}
