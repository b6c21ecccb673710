// How a stream ends whose engine fails, and what a switched-off interface answers.

import { at, call, readStream, report, withKernel } from './tool.ts';

await report(async () => {
  const { frames } = await readStream('/api/ai/stream?message=fail');
  const off = await withKernel({ AETHERRA_AI_API_ENABLED: '0' }, async (url) => ({
    ask: (await call('POST', `${url}/api/ai/ask`, { body: { message: 'x' } })).status,
    stream: (await call('GET', `${url}/api/ai/stream?message=x`)).status,
  }));
  return {
    end: frames.slice(-3).map(({ event }) => event),
    final_ok: at(frames.at(-1)?.data, 'data', 'ok') ?? null,
    off,
  };
});
