// Reads an event stream, whole or up to a cut, in bounded memory.

import type { HttpRequest } from '../ports/http.ts';
import type { HttpStream, HttpStreams } from '../ports/http-stream.ts';
import { sseParser, type SseEvent } from './sse-parse.ts';

/** Beyond this a stream is a flood and no answer. */
const eventsMax = 100_000;
const bytesMax = 64 * 1024 * 1024;

export type StreamReading = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly events: readonly SseEvent[];
  /** Bytes of a frame that the stream ended in. */
  readonly tornBytes: number;
  readonly ended: 'by-server' | 'cut' | 'flood';
};

/**
 * `events`: cut once so many have come. `partial`: and once bytes of the next frame have come too,
 * which is a cut in the middle of it.
 */
export type Cut = { readonly events: number; readonly partial: boolean };

export async function readStream(
  streams: HttpStreams,
  request: Omit<HttpRequest, 'maxBodyBytes'>,
  cut?: Cut,
): Promise<StreamReading> {
  const stream = await streams.open(request);
  const parser = sseParser();
  const events: SseEvent[] = [];
  let bytes = 0;
  let ended: StreamReading['ended'] = 'by-server';
  const isCut = (): boolean =>
    cut !== undefined &&
    events.length >= cut.events &&
    (!cut.partial || events.length > cut.events || parser.pending() > 0);
  const look = (): StreamReading['ended'] => {
    if (isCut()) return 'cut';
    const isFlood = bytes > bytesMax || events.length > eventsMax || parser.overflowed();
    return isFlood ? 'flood' : 'by-server';
  };
  try {
    if (look() === 'cut') return { ...answerOf(stream), events, tornBytes: 0, ended: 'cut' };
    for await (const chunk of stream.chunks) {
      bytes += chunk.length;
      events.push(...parser.push(chunk));
      ended = look();
      if (ended !== 'by-server') break;
    }
  } finally {
    stream.close();
  }
  // What came in the same packet as the last wanted event is as if it had not come.
  const kept = cut === undefined ? events : events.slice(0, cut.events);
  return { ...answerOf(stream), events: kept, tornBytes: parser.pending(), ended };
}

const answerOf = ({ status, headers }: HttpStream) => ({ status, headers });
