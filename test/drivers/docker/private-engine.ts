// An engine that a test may kill or start with a configuration of its own. It has the images of the
// usual one and goes away with the test, with everything it kept.

import { readdirSync, readFileSync } from 'node:fs';

import { isAlive, readStat } from '../../../src/drivers/process/proc.ts';
import {
  type EngineOptions,
  killEngine,
  removeEngine,
  startEngine,
} from '../../../scripts/docker-engine.ts';
import { copyImages } from '../../../scripts/docker-images.ts';
import { enginePlace } from '../../../scripts/docker-place.ts';
import { engineHost } from './engine-here.ts';

export type PrivateEngine = {
  /** `unix://…` */
  readonly host: string;
  readonly start: () => Promise<void>;
  readonly kill: () => Promise<void>;
  /** It stays there and answers nothing, until `thaw`. */
  readonly freeze: () => void;
  readonly thaw: () => void;
  readonly remove: () => Promise<void>;
};

/** Starting an engine needs root, and images come from the usual one. */
export const canStartEngines = engineHost !== undefined && process.getuid?.() === 0;

const prefix = 'st-test-';

/** `purpose` keeps engines of one process apart: lower-case letters, digits and `-`. */
export async function openPrivateEngine(
  purpose: string,
  images: readonly string[],
  options: EngineOptions = {},
): Promise<PrivateEngine> {
  await removeOrphans();
  const name = `${prefix}${purpose}-${String(process.pid)}`;
  const env = { PATH: process.env['PATH'], SEATRIAL_DOCKER_NAME: name };
  const { socket, run } = enginePlace(env);
  const signal = (name: NodeJS.Signals) => () => {
    process.kill(Number(readFileSync(`${run}/docker.pid`, 'utf8')), name);
  };
  try {
    await startEngine(env, options);
    const usual = (engineHost ?? '').replace('unix://', '');
    if (images.length > 0) await copyImages(usual, socket, images);
  } catch (error) {
    await removeEngine(env);
    throw error;
  }
  return {
    host: `unix://${socket}`,
    start: async () => {
      await startEngine(env, options);
    },
    kill: () => killEngine(env),
    freeze: signal('SIGSTOP'),
    thaw: signal('SIGCONT'),
    remove: () => removeEngine(env),
  };
}

/** Engines of test processes that were killed. */
async function removeOrphans(): Promise<void> {
  for (const folder of readdirSync('/run')) {
    const [, name, pid] = /^(st-test-.*-(\d+))-docker$/.exec(folder) ?? [];
    if (name === undefined || isAlive(readStat(Number(pid)))) continue;
    await removeEngine({ PATH: process.env['PATH'], SEATRIAL_DOCKER_NAME: name });
  }
}
