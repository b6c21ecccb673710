// What the process of a module tells on descriptor 3. Each line carries a keyed digest and a running
// number: the checks share that descriptor, and nothing they write to it counts as an answer.

import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';

/** Set up over standard input, so that the key is in no argument, variable or file. */
export type ModuleOrder = {
  readonly key: string;
  readonly url: string;
  /** JavaScript of TypeScript modules, by URL. */
  readonly sources: Readonly<Record<string, string>>;
  readonly checks: readonly { readonly id: string; readonly name: string }[];
  readonly facts: unknown;
};

export const evidenceLimits = { each: 1 << 20, total: 8 << 20, count: 200 } as const;

const id = z.string().max(200);
const frame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('loaded') }),
  z.strictObject({ type: z.literal('load-failed'), message: z.string() }),
  z.strictObject({ type: z.literal('start'), id }),
  z.strictObject({
    type: z.literal('evidence'),
    id,
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/),
    mediaType: z.string().max(80),
    base64: z.string(),
  }),
  z.strictObject({
    type: z.literal('end'),
    id,
    verdict: z.enum(['passed', 'failed', 'error', 'not-run']),
    message: z.string(),
    durationMs: z.number().nonnegative(),
    http: z.boolean(),
    driver: z.boolean(),
  }),
  z.strictObject({ type: z.literal('done') }),
]);

/** One line: frames in order, and its own number among the lines. */
const line = z.strictObject({ n: z.number(), frames: z.array(frame) });

export type ModuleFrame = z.infer<typeof frame>;

/** The frames among bytes that arrive in any pieces; `onForeign` for each line that is not the host's. */
type FrameReader = { readonly push: (bytes: Uint8Array) => void };

/** Room for the largest piece of evidence in base64; a longer line is nobody's frame. */
const lineLengthMax = 2 * evidenceLimits.each;
const newline = 10;

export function makeFrameReader(
  key: string,
  onFrame: (frame: ModuleFrame) => void,
  onForeign: () => void,
): FrameReader {
  let pieces: Uint8Array[] = [];
  let length = 0;
  let next = 0;
  const endLine = () => {
    const text = length > lineLengthMax ? undefined : Buffer.concat(pieces).toString('utf8');
    const empty = length === 0;
    pieces = [];
    length = 0;
    if (empty) return;
    const read = text === undefined ? undefined : readLine(key, text);
    if (read?.n !== next) {
      onForeign();
      return;
    }
    next += 1;
    read.frames.forEach(onFrame);
  };
  const take = (piece: Uint8Array) => {
    length += piece.length;
    if (length <= lineLengthMax) pieces.push(piece);
    else pieces = [];
  };
  return {
    push: (bytes) => {
      let start = 0;
      for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
        take(bytes.slice(start, end));
        endLine();
        start = end + 1;
      }
      if (start < bytes.length) take(bytes.slice(start));
    },
  };
}

function readLine(key: string, signed: string): z.infer<typeof line> | undefined {
  const [digest, text] = [signed.slice(0, 64), signed.slice(65)];
  const expected = createHmac('sha256', Buffer.from(key, 'hex')).update(text).digest();
  const given = Buffer.from(digest, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const parsed = line.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}
