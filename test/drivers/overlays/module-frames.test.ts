import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeFrameReader, type ModuleFrame } from '../../../src/drivers/overlays/module-frames.ts';

const key = 'ab'.repeat(32);
const sign = (n: number, frame: unknown, by = key): string => {
  const text = JSON.stringify({ n, frames: [frame] });
  const digest = createHmac('sha256', Buffer.from(by, 'hex')).update(text).digest('hex');
  return `\n${digest} ${text}\n`;
};
const start: ModuleFrame = { type: 'start', id: 'overlay.upgrade.a' };
const end: ModuleFrame = {
  type: 'end',
  id: 'overlay.upgrade.a',
  verdict: 'passed',
  message: 'ä',
  durationMs: 1,
  http: false,
  driver: false,
};
const good = Buffer.from(sign(0, start) + sign(1, end));

function read(...pieces: readonly Uint8Array[]): { frames: ModuleFrame[]; foreign: number } {
  const frames: ModuleFrame[] = [];
  let foreign = 0;
  const reader = makeFrameReader(
    key,
    (frame) => frames.push(frame),
    () => {
      foreign += 1;
    },
  );
  pieces.forEach(reader.push);
  return { frames, foreign };
}

test('any pieces give the same frames', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(good.length)), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), good.length];
      const pieces = at.slice(1).map((stop, index) => good.subarray(at[index], stop));
      expect(read(...pieces)).toEqual({ frames: [start, end], foreign: 0 });
    }),
  );
});

test('a frame with any bit changed is foreign', () => {
  const line = Buffer.from(sign(0, start));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: line.length - 2 }), fc.nat(7), (at, bit) => {
      const changed = Buffer.from(line);
      changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      // Hexadecimal digits mean the same in both cases.
      fc.pre(changed.toString('latin1').toLowerCase() !== line.toString('latin1').toLowerCase());
      fc.pre(at !== 65);
      expect(read(changed).frames).toEqual([]);
      expect(read(changed).foreign).toBeGreaterThan(0);
    }),
  );
});

const forgeries: [what: string, text: string][] = [
  ['without a digest', '{"n":0,"frames":[]}\n'],
  ['by another key', sign(0, start, 'cd'.repeat(32))],
  ['out of order', sign(1, end)],
  ['of an unknown shape', sign(0, { type: 'end', id: 'a', verdict: 'passed' })],
  ['with an unknown verdict', sign(0, { ...end, verdict: 'skipped' })],
  [
    'with an odd name of evidence',
    sign(0, { type: 'evidence', id: 'a', name: '../a', mediaType: 'a', base64: '' }),
  ],
  ['too long', `${'x'.repeat(3 << 20)}\n`],
  ['of control characters', '\u0000\r\u001b[2J\n'],
];
test.each(forgeries)('a frame %s is foreign and hides no other', (_, text) => {
  expect(read(Buffer.from(text), good)).toEqual({ frames: [start, end], foreign: 1 });
});

test('a frame counts once', () => {
  expect(read(good, good)).toEqual({ frames: [start, end], foreign: 2 });
});

test('a flood without a line end takes no memory', () => {
  const flood = Buffer.alloc(1 << 20, 'x');
  const before = process.memoryUsage().arrayBuffers;
  const { frames } = read(...Array.from({ length: 200 }, () => flood), Buffer.from('\n'), good);
  expect(frames).toEqual([start, end]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20);
});
