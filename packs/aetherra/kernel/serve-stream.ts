// Sends a stream's log, from a position on, and then whatever is added to it.

import type { ServerResponse } from 'node:http';
import type { StreamLog } from './stream-log.ts';

const keepAliveMs = 2000;

/** Ends with the stream or with the client; a client that leaves ends nothing but this. */
export function serveStream(
  response: ServerResponse,
  log: StreamLog,
  {
    from,
    headers,
    preface,
  }: {
    readonly from: number;
    readonly headers: Readonly<Record<string, string>>;
    /** Only with a fault: what the client has already seen. */
    readonly preface: string;
  },
): Promise<void> {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Aetherra-Trace-Id': log.trace,
    'X-Aetherra-Chat-Version': '2',
    ...headers,
  });
  response.flushHeaders();
  let position = from;
  if (preface !== '') response.write(preface);
  const keepAlive = setInterval(() => response.write(': keep-alive\n\n'), keepAliveMs);
  return new Promise((resolve) => {
    const end = (): void => {
      clearInterval(keepAlive);
      unwatch();
      response.end();
      resolve();
    };
    const move = (): void => {
      const frames = log.from(position);
      // It fell behind further than the log reaches. It may come back and is told so then.
      if (frames === undefined) {
        response.destroy();
        return;
      }
      position += frames.length;
      for (const { text } of frames) response.write(text);
      if (log.ended()) end();
    };
    const unwatch = log.watch(move);
    response.once('close', end);
    move();
  });
}
