// The driver of hosts that have abra. See docs/adr/0020-abra.md for what is abra's part and what is not.

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { AppDriver } from '../../ports/app-driver.ts';
import { makeDockerDriver } from '../docker/driver.ts';
import type { DockerDriverOptions } from '../docker/instance.ts';
import { makeEngine } from '../docker/engine.ts';
import { type AbraFound, type AbraPlace, findAbra } from './command.ts';
import { abraOrchestrator } from './orchestrator.ts';

export type AbraDriverOptions = DockerDriverOptions & {
  /** Absent where nothing is deployed: for commands that clean up. */
  readonly cloneTo?: (to: string) => Promise<void>;
};

const programBytes = 512 * 1024 * 1024;

/** Runs with a stand-in of abra say what was wrong with them, and are never evidence of anything else. */
const isStandIn = ({ version }: AbraFound): boolean => /stand-in/.test(version);

export function makeAbraDriver({ cloneTo, ...options }: AbraDriverOptions): AppDriver {
  const { processes, files, host, cliConfig } = options;
  const engine: AbraPlace['engine'] = {
    DOCKER_HOST: `unix://${makeEngine(host).socket}`,
    ...(cliConfig === undefined ? {} : { DOCKER_CONFIG: cliConfig }),
  };
  let found: AbraFound | undefined;
  const find = async (): Promise<AbraFound> => {
    if (found !== undefined) return found;
    // abra makes folders in its home whatever it is asked.
    const home = await mkdtemp(join(tmpdir(), 'seatrial-abra-'));
    try {
      const read = (path: string) => files.read(path, programBytes);
      found = await findAbra({ processes, engine, home }, read);
      return found;
    } finally {
      await files.remove(home);
    }
  };
  const driver = makeDockerDriver(
    abraOrchestrator({
      find: async () => ({ processes, engine, program: (await find()).program }),
      cloneTo: cloneTo ?? noClone,
    }),
    options,
  );
  return {
    ...driver,
    /** Which abra it is once it was asked what it can do, which happens before a run begins. */
    get version() {
      const own = driver.version;
      return found === undefined ? own : `${own}, abra ${found.version} sha256:${found.sha256}`;
    },
    get fake() {
      return found === undefined || isStandIn(found);
    },
    capabilities: async (settings) => {
      await find();
      return driver.capabilities(settings);
    },
  };
}

const noClone = (): Promise<void> =>
  Promise.reject(new Error('this abra driver was made to clean up, and deploys nothing'));
