// Which keys the policy has that comes with a stream and with an answer.

import { isDeepStrictEqual } from 'node:util';
import { call, objectOf, readStream, report } from './tool.ts';

const keys = (header: string | null): readonly string[] =>
  Object.keys(objectOf(header ?? '')).sort();

await report(async () => {
  const stream = await readStream('/api/ai/stream?message=ping');
  const ask = await call('POST', '/api/ai/ask', { body: { message: 'ping' } });
  const [streamed, asked] = [stream, ask].map(({ headers }) => headers.get('x-aetherra-policy'));
  const event = stream.frames.find((frame) => frame.event === 'policy');
  return {
    header_present: streamed !== null && asked !== null,
    stream_keys: keys(streamed ?? null),
    ask_keys: keys(asked ?? null),
    header_equals_event: isDeepStrictEqual(objectOf(streamed ?? ''), event?.data['data']),
    ask_header: objectOf(asked ?? ''),
  };
});
