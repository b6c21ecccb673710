// Images on the engine, by reference and by content.

import type { Clock } from '../../ports/clock.ts';
import type { Stack } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import type { Engine } from './engine.ts';
import type { ImageInspect } from './facts.ts';
import type { Instance } from './instance.ts';

const pullMs = 600_000;

export async function findImage(
  engine: Engine,
  reference: string,
): Promise<ImageInspect | undefined> {
  const path = `/images/${reference}/json`;
  const { status, value } = await engine.call({ path, allow: [404] });
  return status === 404 ? undefined : (value as unknown as ImageInspect);
}

/** Throws `not-found` for an image that is neither here nor to be pulled. */
export async function imageOf(engine: Engine, reference: string): Promise<ImageInspect> {
  const image = await findImage(engine, reference);
  if (image === undefined) throw new WorldError('not-found', `image ${reference} is not here`);
  return image;
}

/** With those that have lost their name, and without what builds leave in between. */
export async function everyImage(engine: Engine): Promise<readonly string[]> {
  const { value } = await engine.call({ path: '/images/json' });
  return (value as unknown as readonly ImageInspect[]).map(({ Id: id }) => id);
}

/** Pulls what is missing, or everything where the manifest says `always`. */
export async function pullImages(
  { engine, settings, options: { clock } }: Instance,
  stack: Stack,
  signal: AbortSignal,
): Promise<void> {
  const policy = settings.resolveImage ?? 'always';
  const references = new Set(Object.values(stack.services).map(({ image }) => image));
  for (const reference of references) {
    const present = (await findImage(engine, reference)) !== undefined;
    if (present && policy !== 'always') continue;
    if (policy === 'never')
      throw new WorldError('app-failed', `image ${reference} is not on this host`, {
        hint: 'resolveImage is `never`: build or load the image first.',
      });
    await pullPatiently(engine, { reference, clock, signal });
  }
}

/** Registries refuse and forget; a name that they deny is not asked for again. */
const pausesMs = [1000, 4000];

async function pullPatiently(
  engine: Engine,
  { reference, clock, signal }: { reference: string; clock: Clock; signal: AbortSignal },
): Promise<void> {
  for (const pauseMs of pausesMs) {
    try {
      await pull(engine, reference, signal);
      return;
    } catch (error) {
      if (signal.aborted || !(error instanceof WorldError) || error.code !== 'network') throw error;
      await clock.sleep(pauseMs, signal);
    }
  }
  await pull(engine, reference, signal);
}

async function pull(engine: Engine, reference: string, signal: AbortSignal): Promise<void> {
  const answer = await engine.stream({
    method: 'POST',
    path: `/images/create?fromImage=${encodeURIComponent(tagged(reference))}`,
    signal,
    timeoutMs: pullMs,
    allow: [404, 500],
  });
  // Kept small: only the last lines say how it ended.
  let tail = '';
  for await (const chunk of answer as AsyncIterable<Buffer>)
    tail = `${tail}${chunk.toString('utf8')}`.slice(-8192);
  const status = answer.statusCode ?? 0;
  if (status === 200 && !tail.includes('"error"')) return;
  const denied = /not found|does not exist|denied/i.test(tail);
  throw new WorldError(denied ? 'app-failed' : 'network', `pull of ${reference}: ${tail.trim()}`);
}

/** Without a tag the engine would pull all of them. */
const tagged = (reference: string): string =>
  reference.includes('@') || reference.slice(reference.lastIndexOf('/')).includes(':')
    ? reference
    : `${reference}:latest`;
