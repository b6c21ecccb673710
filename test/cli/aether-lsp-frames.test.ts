import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeFrameParser, type Frame } from '../../src/cli/aether-lsp-frames.ts';

const message = (id: number) => ({ jsonrpc: '2.0' as const, id, method: 'é😀' });

function frame(value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  return Buffer.concat([Buffer.from(`Content-Length: ${String(body.length)}\r\n\r\n`), body]);
}

function parse(chunks: readonly Uint8Array[]): readonly Frame[] {
  const parser = makeFrameParser();
  return chunks.flatMap((chunk) => [...parser(chunk)]);
}

test('messages arrive whole however the stream is cut', () => {
  const cuts = fc.array(fc.nat(400), { maxLength: 12 });
  fc.assert(
    fc.property(cuts, (places) => {
      const stream = Buffer.concat([1, 2, 3, 4].map((id) => frame(message(id))));
      const ends = [...places.filter((at) => at < stream.length), stream.length];
      const sorted = ends.sort((a, b) => a - b);
      const chunks = sorted.map((end, index) => stream.subarray(sorted[index - 1] ?? 0, end));
      expect(parse(chunks)).toEqual([1, 2, 3, 4].map((id) => ({ message: message(id) })));
    }),
  );
});

test('anything is survived, and what follows rubbish is heard', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 9000 }), (rubbish) => {
      const end = Buffer.from('\r\n\r\n');
      const frames = parse([rubbish, end, frame(message(1)), frame(message(2))]);
      expect(frames.at(-1)).toEqual({ message: message(2) });
    }),
  );
});

test.each([
  ['{"jsonrpc":"2.0"}', -32600, null],
  ['{"jsonrpc":"2.0","method":1,"id":"a"}', -32600, 'a'],
  ['{"jsonrpc":"2.0","method":"x","params":1}', -32600, null],
  ['null', -32600, null],
  ['{', -32700, null],
])('%s is told as %i', (body, code, id) => {
  const [first] = parse([Buffer.from(`Content-Length: ${String(body.length)}\r\n\r\n${body}`)]);
  expect(first).toMatchObject({ fault: { code, id } });
});

test('canary: a proper message is no fault', () => {
  expect(parse([frame(message(1))])).toEqual([{ message: message(1) }]);
  expect(parse([frame({ jsonrpc: '2.0', id: 1, result: null })])).toHaveLength(1);
});

test('a body beyond the limit is refused unread', () => {
  const [first] = parse([Buffer.from('Content-Length: 999999999\r\n\r\n')]);
  expect(first).toMatchObject({ fault: { code: -32700 } });
});
