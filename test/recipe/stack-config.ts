import { spawnSync } from 'node:child_process';

/** Whether this host's client has `docker stack config`: older ones answer its `--help` with that of another command. */
export const hasStackConfig =
  spawnSync('docker', ['stack', 'config', '-c', '-'], { input: 'services: {a: {image: b}}' })
    .status === 0;
