import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  makeProviderReader,
  type ProviderFrame,
} from '../../../src/drivers/providers/provider-frames.ts';

function read(pieces: readonly Uint8Array[]): { frames: ProviderFrame[]; foreign: string[] } {
  const [frames, foreign]: [ProviderFrame[], string[]] = [[], []];
  const push = makeProviderReader(
    (frame) => frames.push(frame),
    (reason) => foreign.push(reason),
  );
  pieces.forEach(push);
  return { frames, foreign };
}

test('frames arrive whole, whatever pieces they come in', () => {
  // An answer with a key of this name is refused whole: see below.
  const value = fc
    .jsonValue({ noUnicodeString: false })
    .filter((each) => !JSON.stringify(each).includes('"__proto__"'));
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 5 }),
      fc.integer({ min: 1, max: 9 }),
      (values, size) => {
        const sent = values.map((each, id) => ({
          type: 'done',
          id,
          value: JSON.parse(JSON.stringify(each)) as unknown,
          undo: false,
        }));
        const bytes = Buffer.from(sent.map((each) => `${JSON.stringify(each)}\n`).join(''));
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        );
        const { frames, foreign } = read(pieces);
        expect(JSON.stringify(frames)).toBe(JSON.stringify(sent));
        expect(foreign).toEqual([]);
      },
    ),
    { numRuns: 50 },
  );
});

test.each([
  ['an empty line', '\n'],
  ['no JSON', 'done\n'],
  ['another type', '{"type":"passed","id":1}\n'],
  ['a key too many', '{"type":"cancelled","id":1,"more":1}\n'],
  ['an id that is none', '{"type":"cancelled","id":-1}\n'],
  ['tokens that are none', '{"type":"done","id":1,"value":1,"undo":false,"tokens":0.5}\n'],
  ['a value that is missing', '{"type":"done","id":1,"undo":false}\n'],
  [
    'a key that would name a prototype',
    '{"type":"done","id":1,"undo":false,"value":[{"__proto__":{}}]}\n',
  ],
  ['depth', `{"type":"done","id":1,"undo":false,"value":${'['.repeat(200_000)}`],
])('%s is no frame', (_, line) => {
  const { frames, foreign } = read([Buffer.from(line.endsWith('\n') ? line : `${line}\n`)]);
  expect([frames, foreign]).toEqual([[], ['it wrote something that is no answer']]);
});

test('a line without end is noticed before it ends', () => {
  const piece = Buffer.alloc(1 << 20, 'x');
  const { frames, foreign } = read([piece, piece, piece, piece, piece]);
  expect([frames, foreign]).toEqual([[], ['it answered more than 4 MiB at once']]);
});
