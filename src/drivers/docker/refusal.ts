// Why a deployment was refused, and whose fault that is. The programs that deploy say it in words only;
// what is none of the testbed's known troubles is the app's, provided that the engine is well.

import { WorldError, type WorldErrorCode } from '../../ports/world-error.ts';
import type { Engine } from './engine.ts';

const testbed: readonly (readonly [WorldErrorCode, RegExp])[] = [
  ['disk-full', /no space left on device/i],
  ['permission', /permission denied while trying to connect/i],
  ['resource-busy', /port is already (?:allocated|in use)|address already in use/i],
  ['resource-busy', /port '?\d+'? is already in use by service/i],
  ['foreign-change', /update out of sequence/i],
  [
    'network',
    /TLS handshake timeout|i\/o timeout|no such host|proxyconnect|toomanyrequests|rate limit/i,
  ],
  [
    'unavailable',
    /cannot connect to the docker daemon|error during connect|connection (?:refused|reset)|broken pipe/i,
  ],
  [
    'unavailable',
    /\bEOF\b|rpc error: code = (?:Unavailable|DeadlineExceeded)|transport is closing/,
  ],
  ['unavailable', /context deadline exceeded|does not have a leader|not a swarm manager/i],
  // A network that is still going, or one that others share and that is not there.
  ['unavailable', /network \S+ .*not (?:be )?found/i],
  ['unavailable', /is not a docker command|unknown (?:shorthand )?flag/i],
];

/** What the message says; undefined for what can only be the app's. */
export const blameOf = (said: string): WorldErrorCode | undefined =>
  testbed.find(([, pattern]) => pattern.test(said))?.[0];

/** The failure of a program that was to deploy a stack. */
export async function refusalOf(
  engine: Engine,
  program: string,
  { exitCode, said }: { readonly exitCode: number | undefined; readonly said: string },
): Promise<WorldError> {
  const message = `${program} ended with ${String(exitCode ?? 'a signal')}: ${said}`;
  const blamed = blameOf(said);
  if (blamed !== undefined) return new WorldError(blamed, message);
  // Ended by a signal or not found by the shell: it said nothing about the app.
  if (exitCode === undefined || exitCode > 125) return new WorldError('unavailable', message);
  const well = await engine.call({ path: '/info', timeoutMs: 10_000 }).then(
    () => true,
    () => false,
  );
  return new WorldError(well ? 'app-failed' : 'unavailable', message);
}
