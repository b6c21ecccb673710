// The engine that tests run on: the one that the environment names, or the one `npm run docker -- up`
// started. Without any, the tests are skipped, and `npm run verify` lists them as left out.

import { accessSync, constants, existsSync } from 'node:fs';

const socket =
  process.env['SEATRIAL_DOCKER_HOST'] ??
  `unix://${process.env['SEATRIAL_DOCKER_RUN'] ?? '/run/seatrial-docker'}/docker.sock`;

/** An engine that another user started is none of this user's. */
function isMine(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export const engineHost: string | undefined = isMine(socket.replace('unix://', ''))
  ? socket
  : undefined;

const config =
  process.env['SEATRIAL_DOCKER_CONFIG'] ??
  `${process.env['SEATRIAL_CACHE'] ?? '/var/cache/seatrial'}/docker-config`;

export const cliConfig: string | undefined = existsSync(config) ? config : undefined;

export const nodeImage = 'seatrial-fixture/node:20';
