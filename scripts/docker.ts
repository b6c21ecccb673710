// npm run docker -- up | down | remove | sweep | status | images [NAME…]: the engine that the tests
// of containers run on. With SEATRIAL_DOCKER_HOST or DOCKER_HOST set, that engine is used and never
// started or stopped; with SEATRIAL_DOCKER_NAME it is one of that name, beside the usual one.

import { existsSync } from 'node:fs';
import { ping, removeEngine, startEngine, stopEngine } from './docker-engine.ts';
import { buildImages } from './docker-images.ts';
import { installCompose, installEngine } from './docker-packages.ts';
import { enginePlace } from './docker-place.ts';
import { sweepEngine } from './docker-sweep.ts';
import { say } from './steps.ts';

const usage = 'npm run docker -- up | down | remove | sweep | status | images [NAME…]';
const { SEATRIAL_CACHE: cache = '/var/cache/seatrial', SEATRIAL_DOCKER_NAME: name } = process.env;
const { SEATRIAL_DOCKER_HOST: own, DOCKER_HOST: theirs } = process.env;
const given = name === undefined ? (own ?? theirs) : undefined;
const socket = given?.replace(/^unix:\/\//, '') ?? enginePlace(process.env).socket;

async function up(): Promise<void> {
  if (given === undefined) {
    if (process.getuid?.() !== 0) throw new Error('starting an engine needs root');
    if (!existsSync('/etc/debian_version')) throw new Error('the set-up knows Debian only');
    if (await installEngine()) say("installed Debian's engine");
    const { started } = await startEngine(process.env);
    say(started ? `started the engine on ${socket}` : `the engine runs on ${socket}`);
  }
  await images([]);
  const config = await installCompose(cache);
  say(`export SEATRIAL_DOCKER_HOST=unix://${socket}\nexport SEATRIAL_DOCKER_CONFIG=${config}`);
}

async function down(): Promise<void> {
  if (given !== undefined) throw new Error(`the engine on ${given} is not this script's to stop`);
  say((await stopEngine(process.env)) ? 'stopped the engine' : 'no engine of this script ran');
}

async function remove(): Promise<void> {
  await removeEngine(process.env);
  say('removed the engine and what it kept');
}

async function sweep(): Promise<void> {
  if (given !== undefined) throw new Error(`the engine on ${given} is not this script's to sweep`);
  say(`removed ${String(await sweepEngine(socket))} leftovers of runs`);
}

async function status(): Promise<void> {
  const version = await ping(socket);
  say(version === undefined ? `nothing answers on ${socket}` : `engine ${version} on ${socket}`);
  process.exitCode = version === undefined ? 3 : 0;
}

async function images(names: readonly string[]): Promise<void> {
  const done = await buildImages(socket, cache, names.length === 0 ? undefined : names);
  for (const { name, built } of done) say(`${built ? 'built' : 'kept'} ${name}`);
}

const [command, ...rest] = process.argv.slice(2);
const commands: Readonly<Record<string, () => Promise<void>>> = {
  up,
  down,
  remove,
  sweep,
  status,
  images: () => images(rest),
};
const chosen = commands[command ?? ''];
if (chosen === undefined) {
  say(usage);
  process.exitCode = 2;
} else {
  try {
    await chosen();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 3;
  }
}
