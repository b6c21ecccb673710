import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sseParser, type SseEvent } from '../../src/gates/sse-parse.ts';

const utf8 = new TextEncoder();
const seen = ({ type, data, id }: SseEvent) =>
  id === undefined ? { type, data } : { type, data, id };
const parse = (text: string) => sseParser().push(utf8.encode(text)).map(seen);

// [what, stream, events]
test.each<readonly [string, string, readonly object[]]>([
  ['type, id and data', 'id: 1\nevent: a\ndata: x\n\n', [{ type: 'a', data: 'x', id: '1' }]],
  ['no type', 'data: x\n\n', [{ type: 'message', data: 'x' }]],
  ['several lines of data', 'data: x\ndata:\ndata: y\n\n', [{ type: 'message', data: 'x\n\ny' }]],
  ['one blank is no part of the value', 'data:  x\n\n', [{ type: 'message', data: ' x' }]],
  [
    'CR and CR LF end lines',
    'data: x\r\r\ndata: y\r\n\r\ndata: z\n\n',
    [
      { type: 'message', data: 'x' },
      { type: 'message', data: 'y' },
      { type: 'message', data: 'z' },
    ],
  ],
  ['comments are no events', ': alive\n\n: data: x\n\n', []],
  ['a frame without data is none', 'event: a\nid: 4\n\n', []],
  [
    'an unknown field is passed over',
    'retry: 5\nfoo: x\ndata\n\n',
    [{ type: 'message', data: '' }],
  ],
  ['an id with NUL counts for nothing', 'id: a\0\ndata: x\n\n', [{ type: 'message', data: 'x' }]],
  ['a mark at the start of the stream', '\ufeffdata: x\n\n', [{ type: 'message', data: 'x' }]],
  ['a frame that does not end is none', 'data: x\n\ndata: y\n', [{ type: 'message', data: 'x' }]],
])('%s', (_what, stream, events) => {
  expect(parse(stream)).toEqual(events);
});

test('however a stream is cut into chunks, its events and their bytes are the same', () => {
  const field = fc.constantFrom(
    'data: é1',
    'data: {"a":1}',
    'event: b',
    'id: 7',
    ': c',
    'data',
    '',
  );
  const end = fc.constantFrom('\n', '\r\n');
  const stream = fc
    .array(fc.tuple(field, end), { maxLength: 40 })
    .map((lines) => utf8.encode(lines.flat().join('')));
  fc.assert(
    fc.property(stream, fc.array(fc.nat(400), { maxLength: 12 }), (bytes, cuts) => {
      const whole = sseParser().push(bytes);
      const parser = sseParser();
      const places = [0, ...cuts.map((at) => at % (bytes.length + 1)), bytes.length].sort(
        (a, b) => a - b,
      );
      const parts = places.flatMap((at, index) =>
        parser.push(bytes.slice(at, places[index + 1] ?? at)),
      );
      // A stream that ends with CR LF is known to end there only when the LF has come.
      expect(parts.map(seen)).toEqual(whole.map(seen));
      expect(parts.map(({ raw }) => Buffer.from(raw).toString())).toEqual(
        whole.map(({ raw }) => Buffer.from(raw).toString()),
      );
    }),
  );
});

test('a frame beyond the limit ends the parsing, not the memory', () => {
  const parser = sseParser({ frameMaxBytes: 100 });
  expect(parser.push(utf8.encode(`data: ${'x'.repeat(200)}`))).toEqual([]);
  expect(parser.overflowed()).toBe(true);
  expect(parser.push(utf8.encode('\n\ndata: y\n\n'))).toEqual([]);
});
