import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { durationMs } from '../../../src/drivers/docker/duration.ts';
import { demultiplex } from '../../../src/drivers/docker/frames.ts';

const frame = (kind: number, text: string): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  await Promise.resolve();
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function read(source: AsyncIterable<Buffer>) {
  const texts = { stdout: '', stderr: '' };
  for await (const { stream, bytes } of demultiplex(source))
    texts[stream] += Buffer.from(bytes).toString('latin1');
  return texts;
}

describe('demultiplex', () => {
  it('gives both streams back however they were cut', async () => {
    const pieces = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.stringMatching(/^[a-z]{0,20}$/)));
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 40 }), async (written, size) => {
        const of = (kind: number) =>
          written
            .filter(([each]) => each === kind)
            .map(([, text]) => text)
            .join('');
        const bytes = Buffer.concat(written.map(([kind, text]) => frame(kind, text)));
        expect(await read(cut(bytes, size))).toEqual({ stdout: of(1), stderr: of(2) });
      }),
    );
  });

  it('refuses what is no such stream', async () => {
    await expect(read(cut(Buffer.from('plain text, no frames'), 50))).rejects.toMatchObject({
      code: 'io',
    });
  });
});

describe('durationMs', () => {
  it.each([
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1.5s', 1500],
    ['1h', 3_600_000],
    ['0', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each(['', 'soon', '5', '3 s', '1s!'])('%j is refused', (text) => {
    expect(() => durationMs(text)).toThrow('duration');
  });
});
