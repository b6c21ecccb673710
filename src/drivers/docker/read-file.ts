// One file of a container, as the container sees it.

import { extract } from 'tar-stream';

import { type Engine, query } from './engine.ts';

const fileMaxBytes = 16 * 1024 * 1024;

/** Undefined when there is no such file, or it is too large to be a config. */
export async function collectMember(
  engine: Engine,
  container: string,
  path: string,
): Promise<Uint8Array | undefined> {
  const answer = await engine.stream({
    path: `/containers/${container}/archive${query({ path })}`,
    allow: [404],
  });
  if (answer.statusCode === 404) {
    answer.resume();
    return undefined;
  }
  const reading = extract();
  answer.pipe(reading);
  for await (const entry of reading) {
    if ((entry.header.size ?? 0) > fileMaxBytes) return undefined;
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry as AsyncIterable<Uint8Array>) chunks.push(chunk);
    return new Uint8Array(Buffer.concat(chunks));
  }
  return undefined;
}
