// Whether usage is that of its own stream, counted here, while another stream runs.

import { readStream, report, saidIn } from './tool.ts';

const messages = ['live and alone', 'live with somewhat more — wörds'];
const words = (text: string): number => text.match(/\S+/gu)?.length ?? 0;

await report(async () => {
  const streams = await Promise.all(
    messages.map((message) => readStream('/api/ai/stream', { body: { message } })),
  );
  return {
    streams: streams.length,
    wrong: streams.flatMap((stream, index) => {
      const [message = '', said] = [messages[index], saidIn(stream)];
      const counted = {
        tokens_in: words(message),
        tokens_out: words(said),
        chars_in: Array.from(message).length,
        chars_out: Array.from(said).length,
      };
      const told = stream.frames.find(({ event }) => event === 'usage')?.data['data'] ?? null;
      return JSON.stringify(told) === JSON.stringify(counted) ? [] : [{ told, counted }];
    }),
  };
});
