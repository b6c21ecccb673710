// Streams that are cut while the engine works, resumed, cut and resumed again: what came is compared
// with the stream's own log, byte for byte, and the engine must have been called once for each.

import { call, readStream, report, type SseFrame } from './tool.ts';

const events = 10;

async function calls(): Promise<number> {
  const { text } = await call('GET', '/metrics');
  return Number(/^aetherra_chat_engine_calls_total (\d+)$/mu.exec(text)?.[1] ?? NaN);
}

const bytes = (frames: readonly SseFrame[]): string => frames.map(({ raw }) => raw).join('\n\n');

/** Words where something is wrong. */
async function cutTwice(position: number): Promise<readonly string[]> {
  const first = await readStream('/api/ai/stream?message=live', { cutAfter: position });
  const trace = first.headers.get('x-aetherra-trace-id') ?? '';
  const resume = (last: number, cutAfter?: number) =>
    readStream('/api/ai/stream', {
      headers: { 'last-event-id': String(last), 'x-aetherra-trace-id': trace },
      ...(cutAfter === undefined ? {} : { cutAfter }),
    });
  const twice = first.frames.concat((await resume(first.frames.at(-1)?.id ?? 0, 1)).frames);
  const third = await resume(twice.at(-1)?.id ?? 0);
  const whole = await resume(0);
  const came = twice.concat(third.frames);
  return [
    ...(bytes(came) === bytes(whole.frames) ? [] : [`cut after ${String(position)}: other bytes`]),
    ...(whole.frames.some(({ event }) => event === 'final')
      ? []
      : [`cut after ${String(position)}: no final`]),
  ];
}

await report(async () => {
  const before = await calls();
  const positions = Array.from({ length: events - 1 }, (_, index) => index + 1);
  const wrong = await Promise.all(positions.map(cutTwice));
  return {
    positions: positions.length,
    wrong: wrong.flat(),
    engine_calls_each: ((await calls()) - before) / positions.length,
  };
});
