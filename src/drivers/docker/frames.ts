// The engine's stream of two outputs in one: a header of eight bytes before each piece.

import { WorldError } from '../../ports/world-error.ts';

const headerBytes = 8;
const frameMaxBytes = 64 * 1024 * 1024;

export type Frame = { readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array };

/** Yields pieces as they come, also parts of one frame. Throws `io` for what is no such stream. */
export async function* demultiplex(source: AsyncIterable<unknown>): AsyncGenerator<Frame> {
  const state: State = { rest: Buffer.alloc(0), stream: 'stdout', left: 0 };
  for await (const chunk of source) {
    const { rest } = state;
    state.rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    yield* framesOf(state);
  }
}

type State = { rest: Buffer; stream: Frame['stream']; left: number };

/** What can be read of the bytes that are here; the rest waits for the next piece. */
function* framesOf(state: State): Generator<Frame> {
  while (state.rest.length > 0) {
    if (state.left === 0) {
      if (state.rest.length < headerBytes) return;
      readHeader(state);
      continue;
    }
    const bytes = state.rest.subarray(0, state.left);
    state.rest = state.rest.subarray(bytes.length);
    state.left -= bytes.length;
    yield { stream: state.stream, bytes };
  }
}

function readHeader(state: State): void {
  const kind = state.rest.readUInt8(0);
  state.left = state.rest.readUInt32BE(4);
  if (kind > 2 || state.left > frameMaxBytes)
    throw new WorldError('io', 'the engine sent an output that cannot be read');
  state.stream = kind === 2 ? 'stderr' : 'stdout';
  state.rest = state.rest.subarray(headerBytes);
}
