// The engine that tests run on: the one that the environment names, or the one `npm run docker -- up`
// started. Without any, the tests are skipped, and `npm run verify` lists them as left out.

import { existsSync } from 'node:fs';

const socket =
  process.env['SEATRIAL_DOCKER_HOST'] ??
  `unix://${process.env['SEATRIAL_DOCKER_RUN'] ?? '/run/seatrial-docker'}/docker.sock`;

export const engineHost: string | undefined = existsSync(socket.replace('unix://', ''))
  ? socket
  : undefined;

const config =
  process.env['SEATRIAL_DOCKER_CONFIG'] ??
  `${process.env['SEATRIAL_CACHE'] ?? '/var/cache/seatrial'}/docker-config`;

export const cliConfig: string | undefined = existsSync(config) ? config : undefined;

/**
 * Debian's own client is all that most machines have, and the oldest that is spoken to: the contract is asked with it
 * where it is, and everything else with the one that comes first on the path.
 */
export const debianClient: { readonly searchPath?: string } = existsSync('/usr/bin/docker')
  ? { searchPath: '/usr/sbin:/usr/bin:/sbin:/bin' }
  : {};

export const nodeImage = 'seatrial-fixture/node:20';
