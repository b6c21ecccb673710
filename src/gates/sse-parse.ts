// Server-sent events from bytes, by the rules of the HTML standard ("9.2.6 Interpreting an event
// stream"), and with the bytes of each frame, since a resumed stream must repeat them exactly.

export type SseEvent = {
  /** `message` when the frame names none. */
  readonly type: string;
  readonly data: string;
  /** Of this frame alone; undefined when it has none. */
  readonly id?: string;
  /** The whole frame with its closing blank line, comments in it included. */
  readonly raw: Uint8Array;
};

export type SseParser = {
  /** Events that these bytes complete. */
  readonly push: (chunk: Uint8Array) => readonly SseEvent[];
  /** Bytes of an unfinished frame. A stream may end in one; it is never an event. */
  readonly pending: () => number;
  /** Set once a frame is longer than the limit; nothing is parsed any more. */
  readonly overflowed: () => boolean;
};

const [lf, cr, colon, space] = [10, 13, 58, 32];
const frameMaxBytesDefault = 1 << 20;

type Decoder = InstanceType<typeof TextDecoder>;
type Fields = { type: string; data: string; hasData: boolean; id: string | undefined };

const noFields = (): Fields => ({ type: '', data: '', hasData: false, id: undefined });

export function sseParser({ frameMaxBytes = frameMaxBytesDefault } = {}): SseParser {
  const decoder = new TextDecoder();
  let held: Uint8Array = new Uint8Array();
  let started = false;
  let overflow = false;

  const frame = (bytes: Uint8Array): SseEvent | undefined => {
    const fields = noFields();
    readLines(bytes, decoder, fields);
    if (!fields.hasData) return undefined;
    return {
      type: fields.type === '' ? 'message' : fields.type,
      data: fields.data,
      ...(fields.id === undefined ? {} : { id: fields.id }),
      raw: bytes,
    };
  };

  return {
    push: (chunk) => {
      if (overflow) return [];
      const all = held.length === 0 ? chunk : joined(held, chunk);
      const bytes = started ? all : withoutMark(all);
      started ||= all.length >= 3;
      const events: SseEvent[] = [];
      let from = 0;
      for (;;) {
        const end = frameEnd(bytes, from);
        if (end === -1) break;
        const event = frame(bytes.subarray(from, end));
        if (event !== undefined) events.push(event);
        from = end;
      }
      // A copy, since whoever streams may use the chunk again; and only of what is not done yet.
      held = bytes.slice(from);
      overflow = held.length > frameMaxBytes;
      return events;
    },
    pending: () => held.length,
    overflowed: () => overflow,
  };
}

/** A byte order mark at the start of a stream is no part of it. */
const withoutMark = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Behind the blank line that ends the frame at `from`; -1 when that is not there yet. */
function frameEnd(bytes: Uint8Array, from: number): number {
  let lineStart = from;
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte !== lf && byte !== cr) continue;
    const blank = at === lineStart;
    if (byte === cr) {
      // Whether the line ends with CR alone or with CR LF only the next byte tells.
      if (at + 1 === bytes.length) return -1;
      if (bytes[at + 1] === lf) at += 1;
    }
    if (blank) return at + 1;
    lineStart = at + 1;
  }
  return -1;
}

function readLines(bytes: Uint8Array, decoder: Decoder, fields: Fields): void {
  let start = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte !== lf && byte !== cr) continue;
    if (at > start) readLine(bytes.subarray(start, at), decoder, fields);
    start = at + 1;
  }
}

function readLine(line: Uint8Array, decoder: Decoder, fields: Fields): void {
  const at = line.indexOf(colon);
  // A comment: liveness and nothing else.
  if (at === 0) return;
  const name = decoder.decode(at === -1 ? line : line.subarray(0, at));
  const valueStart = at === -1 ? line.length : line[at + 1] === space ? at + 2 : at + 1;
  if (name === 'data') {
    const value = decoder.decode(line.subarray(valueStart));
    fields.data = fields.hasData ? `${fields.data}\n${value}` : value;
    fields.hasData = true;
  } else if (name === 'event') fields.type = decoder.decode(line.subarray(valueStart));
  else if (name === 'id') {
    const value = decoder.decode(line.subarray(valueStart));
    if (!value.includes('\0')) fields.id = value;
  }
}
