// What comes of five seconds of silence: the answer of the script, and nothing that somebody made up.

import { at, readStream, report, saidIn } from './tool.ts';

await report(async () => {
  const begun = performance.now();
  const stream = await readStream('/api/ai/stream?message=slow');
  return {
    said: saidIn(stream),
    response: at(stream.frames.at(-1)?.data, 'data', 'result', 'response') ?? null,
    ms: Math.round(performance.now() - begun),
  };
});
