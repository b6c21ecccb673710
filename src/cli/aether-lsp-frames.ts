// The frames of the Language Server Protocol, read from a stream that may send anything. The library's
// own reader goes silent behind a malformed header; here the sender is told, and reading goes on at
// the next header.

import { Emitter, type Message, type MessageReader } from 'vscode-languageserver/node';

export type FrameFault = {
  readonly code: -32700 | -32600;
  readonly message: string;
  readonly id: string | number | null;
};

export type Frame = { readonly message: Message } | { readonly fault: FrameFault };

const headerMaxBytes = 4096;
/** Beyond the largest document that is judged, several times over for escapes. */
const bodyMaxBytes = 64 * 1024 * 1024;
const headerEnd = '\r\n\r\n';
const lengthField = 'content-length:';

export type FrameParser = (chunk: Uint8Array) => readonly Frame[];

/** Takes chunks as they come and gives the frames that they complete. */
export function makeFrameParser(): FrameParser {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const frames: Frame[] = [];
    for (let taken = takeFrame(rest); taken !== undefined; taken = takeFrame(rest)) {
      rest = rest.subarray(taken.length);
      if (taken.frame !== undefined) frames.push(taken.frame);
    }
    return frames;
  };
}

type Taken = { readonly frame?: Frame; readonly length: number };

function takeFrame(bytes: Buffer): Taken | undefined {
  const end = bytes.indexOf(headerEnd);
  if (end === -1)
    return bytes.length > headerMaxBytes ? lost(bytes, 'the header is too long') : undefined;
  const size = bodyLength(bytes.toString('latin1', 0, end));
  if (size === undefined) return lost(bytes, 'the header has no valid Content-Length');
  const start = end + headerEnd.length;
  if (bytes.length < start + size) return undefined;
  return { frame: readBody(bytes.toString('utf8', start, start + size)), length: start + size };
}

function bodyLength(header: string): number | undefined {
  const lines = header.split('\r\n');
  const fields = lines.filter((line) => line.toLowerCase().startsWith(lengthField));
  const value = fields.length === 1 ? (fields[0] ?? '').slice(lengthField.length).trim() : '';
  if (lines.some((line) => !line.includes(':')) || !/^\d{1,9}$/.test(value)) return undefined;
  const length = Number(value);
  return length <= bodyMaxBytes ? length : undefined;
}

/** Skips to what looks like the next header. */
function lost(bytes: Buffer, message: string): Taken {
  const text = bytes.toString('latin1').toLowerCase();
  const next = text.indexOf(lengthField, 1);
  const kept = lengthField.length;
  const length = next === -1 ? Math.max(1, bytes.length - kept) : next;
  return { frame: { fault: { code: -32700, message, id: null } }, length };
}

function readBody(text: string): Frame {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { fault: { code: -32700, message: 'the message is not JSON', id: null } };
  }
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const fields = (isObject ? body : {}) as Readonly<Record<string, unknown>>;
  if (fields['jsonrpc'] === '2.0' && isMessage(fields)) return { message: body as Message };
  const id = fields['id'];
  const known = typeof id === 'string' || typeof id === 'number' ? id : null;
  return { fault: { code: -32600, message: 'this is no JSON-RPC 2.0 message', id: known } };
}

/** A call, a notification, or an answer to one of our own calls. */
function isMessage(fields: Readonly<Record<string, unknown>>): boolean {
  const { id, method, params } = fields;
  const isNamed = id === undefined || ['string', 'number'].includes(typeof id);
  if (method !== undefined)
    return (
      typeof method === 'string' && isNamed && (params === undefined || typeof params === 'object')
    );
  return id === null || (id !== undefined && isNamed && ('result' in fields || 'error' in fields));
}

/** A reader as the library wants one. Faults go to `onFault`; the end of the stream closes it. */
export function makeFrameReader(
  stream: NodeJS.ReadableStream,
  onFault: (fault: FrameFault) => void,
): MessageReader {
  const [errors, closes, partials] = [
    new Emitter<Error>(),
    new Emitter<undefined>(),
    new Emitter<never>(),
  ];
  return {
    onError: errors.event,
    onClose: closes.event,
    onPartialMessage: partials.event,
    listen: (callback) => {
      const parse = makeFrameParser();
      const onData = (chunk: Uint8Array): void => {
        for (const frame of parse(chunk)) {
          if ('message' in frame) callback(frame.message);
          else onFault(frame.fault);
        }
      };
      const onEnd = (): void => {
        closes.fire(undefined);
      };
      stream.on('data', onData).on('end', onEnd).on('error', onEnd);
      return {
        dispose: () => {
          stream.off('data', onData).off('end', onEnd).off('error', onEnd);
        },
      };
    },
    dispose: () => {
      for (const emitter of [errors, closes, partials]) emitter.dispose();
    },
  };
}
