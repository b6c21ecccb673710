// Every frame of a stream, kept before it is sent. A client that comes back gets these bytes again;
// nothing is made twice.

import type { Faults } from './faults.ts';
import type { Json } from './json.ts';

export type Frame = { readonly id: number; readonly text: string };

export type StreamLog = {
  readonly trace: string;
  /** Who opened it; nobody else may read it. */
  readonly principal: string;
  readonly append: (type: string, data: Json) => void;
  readonly end: () => void;
  readonly ended: () => boolean;
  readonly endedMs: () => number | undefined;
  readonly last: () => number;
  /** Of the oldest frame that is still there. */
  readonly oldest: () => number;
  /** Frames from a position on, counted from the stream's start; undefined when some are dropped. */
  readonly from: (position: number) => readonly Frame[] | undefined;
  /** Of the first frame with a higher id. */
  readonly positionAfter: (id: number) => number;
  /** Told of every change until the answer is called. */
  readonly watch: (tell: () => void) => () => void;
};

export function openLog({
  trace,
  principal,
  clientMessageId,
  maxEvents,
  faults,
}: {
  readonly trace: string;
  readonly principal: string;
  readonly clientMessageId: string | undefined;
  readonly maxEvents: number;
  readonly faults: Faults;
}): StreamLog {
  const frames: Frame[] = [];
  const watchers = new Set<() => void>();
  let next = 1;
  let dropped = 0;
  let endedMs: number | undefined;
  const changed = (): void => {
    for (const tell of [...watchers]) tell();
  };
  const takeId = (): number => {
    if (faults.has('chat.id-gap') && next === 5) next += 1;
    const isRepeated = faults.has('chat.id-repeat') && next === 6 && frames.length === 5;
    return isRepeated ? 5 : next++;
  };

  return {
    ...{ trace, principal },
    append: (type, data) => {
      const id = takeId();
      const ts = new Date().toISOString();
      const envelope = {
        id,
        trace_id: faults.has('chat.trace-changes') && id > 5 ? `${trace}-b` : trace,
        ts: faults.has('chat.naive-ts') ? ts.slice(0, -1) : ts,
        type,
        data,
        ...(clientMessageId === undefined ? {} : { client_message_id: clientMessageId }),
      };
      const text = `id: ${String(id)}\nevent: ${type}\ndata: ${JSON.stringify(envelope)}\n\n`;
      frames.push({ id, text });
      if (frames.length > maxEvents) {
        frames.shift();
        dropped += 1;
      }
      changed();
    },
    end: () => {
      endedMs ??= Date.now();
      changed();
    },
    ended: () => endedMs !== undefined,
    endedMs: () => endedMs,
    last: () => frames.at(-1)?.id ?? 0,
    oldest: () => frames[0]?.id ?? 1,
    from: (position) => (position < dropped ? undefined : frames.slice(position - dropped)),
    positionAfter: (id) => {
      const index = frames.findIndex((frame) => frame.id > id);
      return dropped + (index === -1 ? frames.length : index);
    },
    watch: (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
  };
}
