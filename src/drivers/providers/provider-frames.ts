// What passes between Seatrial and the process of a provider: lines of JSON, asked on standard input
// and answered on descriptor 3. What the module prints is never taken for an answer.

import * as z from 'zod';
import type { Json } from '../../ports/json.ts';

/** The first line: the text that was approved, and the URL it goes by. */
export type ProviderOrder = { readonly url: string; readonly source: string };

export type ProviderRequest =
  | {
      readonly type: 'call';
      readonly id: number;
      readonly name: string;
      readonly args: readonly Json[];
      readonly kwargs: Readonly<Record<string, Json>>;
      /** Milliseconds from now. */
      readonly remainingMs: number;
      readonly capabilities: readonly string[];
    }
  /** Takes back what the answered request `of` has written. */
  | { readonly type: 'undo'; readonly id: number; readonly of: number }
  | { readonly type: 'cancel'; readonly id: number };

const names = z.array(z.string().min(1).max(200)).max(1000);
const id = z.number().int().nonnegative();
const text = z.string().max(2001);

const aboutSchema = z.strictObject({
  /** Absent: it is asked for everything. */
  functions: names.optional(),
  capabilities: names,
  /** Version by plugin. */
  plugins: z.record(
    z.string().min(1).max(200),
    z
      .string()
      .max(100)
      .regex(/^\d+(?:\.\d+)*$/),
  ),
  isMock: z.boolean(),
});

const frame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('loaded'), about: aboutSchema }),
  z.strictObject({ type: z.literal('load-failed'), message: text }),
  z.strictObject({
    type: z.literal('done'),
    id,
    value: z.custom<Json>((value) => value !== undefined && isKept(value, depthMax)),
    tokens: z.number().int().nonnegative().optional(),
    undo: z.boolean(),
  }),
  z.strictObject({ type: z.literal('failed'), id, kind: text, message: text }),
  z.strictObject({ type: z.literal('undone'), id, ok: z.boolean() }),
  z.strictObject({ type: z.literal('cancelled'), id }),
]);

export type ProviderAbout = z.infer<typeof aboutSchema>;
export type ProviderFrame = z.infer<typeof frame>;

/** Above what the process lets through; readers further on recurse. */
const depthMax = 200;

/** Whether every reader keeps the parsed `value` whole: none takes a key `__proto__` for data. */
function isKept(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0 || Object.hasOwn(value, '__proto__')) return false;
  return Object.values(value).every((each) => isKept(each, depth - 1));
}

/** Above what the process lets through, so that only what is not its own meets this limit. */
const lineBytesMax = 4 << 20;
const newline = 10;

/** Calls `onFrame` for each line and `onForeign`, with a reason, for what is none of ours. */
export function makeProviderReader(
  onFrame: (frame: ProviderFrame) => void,
  onForeign: (reason: string) => void,
): (bytes: Uint8Array) => void {
  let pieces: Uint8Array[] = [];
  let length = 0;
  const take = (piece: Uint8Array): void => {
    length += piece.length;
    if (length <= lineBytesMax) pieces.push(piece);
    else {
      pieces = [];
      onForeign('it answered more than 4 MiB at once');
    }
  };
  return (bytes) => {
    let start = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      take(bytes.slice(start, end));
      const read = length > lineBytesMax ? undefined : readFrame(Buffer.concat(pieces));
      pieces = [];
      length = 0;
      start = end + 1;
      if (read === undefined) onForeign('it wrote something that is no answer');
      else onFrame(read);
    }
    if (start < bytes.length) take(bytes.slice(start));
  };
}

function readFrame(line: Buffer): ProviderFrame | undefined {
  try {
    return frame.safeParse(JSON.parse(line.toString('utf8'))).data;
  } catch {
    // No JSON.
    return undefined;
  }
}
