// Whether every stream ends with one final event, and says in it what its chunks said and the script
// says. Second argument: the engine's script.

import { readFileSync } from 'node:fs';
import { at, readStream, report, saidIn, type Stream } from './tool.ts';

type Step = { readonly chunk?: string };
const script = JSON.parse(readFileSync(process.argv[3] ?? '', 'utf8')) as {
  default: readonly Step[];
};

const scripted = (message: string): string =>
  script.default.map(({ chunk = '' }) => chunk.replaceAll('{message}', message)).join('');

const endOf = ({ frames }: Stream) => ({
  finals: frames.filter(({ event }) => event === 'final').length,
  is_last: frames.at(-1)?.event === 'final',
});

/** The response is held against the script where the engine is not to fail. */
const wholeOf = (stream: Stream, message: string) => {
  const response = at(stream.frames.at(-1)?.data, 'data', 'result', 'response');
  return {
    ...endOf(stream),
    as_chunks: response === saidIn(stream),
    as_script: response === scripted(message),
  };
};

await report(async () => {
  const past = Math.floor(Date.now() / 1000) - 60;
  const get = await readStream('/api/ai/stream?message=by%20address');
  const post = await readStream('/api/ai/stream', { body: { message: 'by body' } });
  const failed = await readStream('/api/ai/stream?message=fail');
  const late = await readStream(`/api/ai/stream?message=late&deadline_ts=${String(past)}`);
  return {
    get: wholeOf(get, 'by address'),
    post: wholeOf(post, 'by body'),
    failed: endOf(failed),
    late: { ...endOf(late), has_error: late.frames.some(({ event }) => event === 'error') },
  };
});
