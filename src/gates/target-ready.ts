// Waits until a started target says, or shows, that it is ready.

import type { RunningTarget } from '../ports/gate-targets.ts';
import { WorldError } from '../ports/world-error.ts';
import type { GateWorld } from './gate-world.ts';
import type { TargetSettings } from './gate-schema.ts';
import { asObject, parseJson } from './match.ts';

const pollMs = 25;
const tailCharacters = 400;

/** The base address. Throws `timeout`, or `unavailable` when it ended instead. */
export async function waitReady(
  target: RunningTarget,
  { ready, boot }: Pick<TargetSettings, 'ready' | 'boot'>,
  { world, port, signal }: { world: GateWorld; port: number; signal: AbortSignal },
): Promise<string> {
  const deadline = world.clock.monotonicMs() + boot * 1000;
  const url = `http://127.0.0.1:${String(port)}`;
  for (;;) {
    signal.throwIfAborted();
    const found = await look(target, ready, { world, url, port, signal });
    if (found !== undefined) return found;
    if (!target.running())
      throw new WorldError('unavailable', `it ended at its start: ${tail(target)}`);
    if (world.clock.monotonicMs() > deadline)
      throw new WorldError(
        'timeout',
        `timeout: it was not ready in ${String(boot)} s: ${tail(target)}`,
      );
    await world.clock.sleep(pollMs, signal);
  }
}

async function look(
  target: RunningTarget,
  ready: TargetSettings['ready'],
  {
    world,
    url,
    port,
    signal,
  }: { world: GateWorld; url: string; port: number; signal: AbortSignal },
): Promise<string | undefined> {
  if (ready === 'stdout-json') return saidUrl(target.output().stdout);
  if (ready === 'port') return (await world.targets.isFree(port)) ? undefined : url;
  try {
    const request = { url: `${url}${ready.get}`, timeoutMs: 2000, signal };
    const { status } = await world.http.request(request);
    return status === ready.status ? url : undefined;
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return undefined;
  }
}

/** The address of the first line that says ready; only on this machine's loopback. */
function saidUrl(stdout: string): string | undefined {
  for (const line of stdout.split('\n').slice(0, -1)) {
    const { ready, url } = asObject(parseJson(line));
    if (ready !== true || typeof url !== 'string') continue;
    if (/^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d{1,5}\/?$/u.test(url))
      return url.replace(/\/$/u, '');
    throw new WorldError('refused', `it says that it listens at ${url.slice(0, 200)}`);
  }
  return undefined;
}

function tail(target: RunningTarget): string {
  const { stdout, stderr } = target.output();
  const said = (stderr.trim() === '' ? stdout : stderr).trim().slice(-tailCharacters);
  return said === '' ? 'it said nothing' : said;
}
