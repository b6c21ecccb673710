// Where an engine lives. Everything of it derives from one name, so that a second engine, which a test
// may kill, shares nothing with the first: SEATRIAL_DOCKER_NAME in the environment, `seatrial` without.

import { createHash } from 'node:crypto';

export type EnginePlace = {
  /** Also of its network namespace. */
  readonly name: string;
  /** What it keeps: images, volumes, the Swarm. */
  readonly data: string;
  /** Its socket, configuration, log, pid file and exec root. */
  readonly run: string;
  readonly socket: string;
  /** The two ends of the link into its namespace, and their addresses, a /30 of 10.213.0.0/16. */
  readonly host: { readonly link: string; readonly address: string };
  readonly engine: { readonly link: string; readonly address: string };
};

const usual = 'seatrial';
const usualBlock = 77 * 64;
const blocks = 16_384;

/**
 * `SEATRIAL_DOCKER_ROOT` and `SEATRIAL_DOCKER_RUN` move its folders. Throws for a name that is not lower-case
 * letters, digits and `-`, at most 32 characters: the socket's path has little room.
 */
export function enginePlace(env: NodeJS.ProcessEnv): EnginePlace {
  const name = env['SEATRIAL_DOCKER_NAME'] ?? usual;
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
    throw new Error(`SEATRIAL_DOCKER_NAME: not a name for an engine: ${JSON.stringify(name)}`);
  const hash = createHash('sha256').update(name).digest();
  // The block of the usual engine is left out; the kernel takes at most 15 characters for a link.
  const other = (usualBlock + 1 + (hash.readUInt32BE(0) % (blocks - 1))) % blocks;
  const block = name === usual ? usualBlock : other;
  const link = name === usual ? usual : `st${hash.toString('hex').slice(0, 10)}-`;
  const address = (last: number): string =>
    `10.213.${String(block >> 6)}.${String((block & 63) * 4 + last)}`;
  const run = env['SEATRIAL_DOCKER_RUN'] ?? `/run/${name}-docker`;
  return {
    name,
    data: env['SEATRIAL_DOCKER_ROOT'] ?? `/var/lib/${name}-docker`,
    run,
    socket: `${run}/docker.sock`,
    host: { link: `${link}0`, address: address(1) },
    engine: { link: `${link}1`, address: address(2) },
  };
}
