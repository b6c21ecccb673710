// A command's output on one stream: a byte that says what follows, its length, its bytes.

import { Failure } from '../shared/failure.ts';

export const frameKinds = { stdout: 1, stderr: 2, exit: 3 } as const;

export type Frame = { readonly kind: number; readonly bytes: Buffer };

const headerLength = 5;
const frameLengthMax = 1 << 20;

export function encodeFrame(kind: number, bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(headerLength);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([header, bytes]);
}

/** Takes chunks in whatever pieces they come and gives whole frames. */
export function frameReader(): (chunk: Buffer) => readonly Frame[] {
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    held = Buffer.concat([held, chunk]);
    const frames: Frame[] = [];
    while (held.length >= headerLength) {
      const length = held.readUInt32BE(1);
      if (length > frameLengthMax) throw new Failure(5, 'the gateway sent no frames');
      if (held.length < headerLength + length) break;
      const bytes = held.subarray(headerLength, headerLength + length);
      frames.push({ kind: held.readUInt8(0), bytes });
      held = held.subarray(headerLength + length);
    }
    return frames;
  };
}
