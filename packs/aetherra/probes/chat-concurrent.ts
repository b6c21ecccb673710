// Whether anybody else is answered while a stream is open.

import { callOrNothing, readStream, report } from './tool.ts';

const limitMs = 1000;

await report(async () => {
  const stream = readStream('/api/ai/stream?message=hold', { cutAfter: 4 });
  const begun = performance.now();
  const { status } = await callOrNothing('GET', '/api/kernel/status', { timeoutMs: limitMs });
  const ms = Math.round(performance.now() - begun);
  const { frames } = await stream;
  return { status, ms, stream_went_on: frames.length === 4 };
});
