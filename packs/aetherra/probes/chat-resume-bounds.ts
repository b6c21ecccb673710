// What is answered to a resume that cannot be: nothing more, ahead, too old, no number, no or unknown
// trace, somebody else's.

import { call, readStream, report, withKernel, type Answer } from './tool.ts';

const env = {
  AETHERRA_AI_API_REQUIRE_TOKEN: '1',
  AETHERRA_AI_API_TOKEN: 'token-of-ann,token-of-bob',
  AETHERRA_SSE_REPLAY_MAX_EVENTS: '4',
};

await report(() =>
  withKernel(env, async (url) => {
    const address = `${url}/api/ai/stream`;
    const headers = { authorization: 'Bearer token-of-ann' };
    const stream = await readStream(`${address}?message=hello`, { headers });
    const trace = stream.headers.get('x-aetherra-trace-id') ?? '';
    const last = stream.frames.at(-1)?.id ?? 0;
    const again = (id: string, more: Readonly<Record<string, string>> = {}): Promise<Answer> =>
      call('GET', `${address}?message=hello`, {
        headers: { ...headers, 'last-event-id': id, 'x-aetherra-trace-id': trace, ...more },
      });
    const untraced = { ...headers, 'last-event-id': '1' };
    const gap = await again('1');
    return {
      at_end: (await again(String(last))).status,
      ahead: (await again(String(last + 1))).status,
      gap: gap.status,
      oldest_is_told: gap.json['oldest'] === last - 3,
      no_number: (await again('two')).status,
      no_trace: (await call('GET', `${address}?message=hello`, { headers: untraced })).status,
      unknown_trace: (await again('1', { 'x-aetherra-trace-id': 'nobody-knows' })).status,
      foreign: (await again(String(last - 1), { authorization: 'Bearer token-of-bob' })).status,
    };
  }),
);
