// The root entrypoint in containers of its own: T11 of the pack as it is run, and links that it does not plant.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/commands/run.ts';
import { runCommand } from '../../cli/run-command.ts';
import { engineHost } from '../../drivers/docker/engine-here.ts';
import { makeProductWorld, type ProductWorld } from './product-world.ts';
import type { Ended } from './reference-world.ts';

let at: ProductWorld;
let image = '';
const onEngine = describe.skipIf(engineHost === undefined);
const containers: string[] = [];

const docker = (...args: readonly string[]): Promise<Ended> => at.world.run('docker', args);

onEngine('the scenario', () => {
  let store = '';
  beforeAll(() => {
    store = mkdtempSync(join(tmpdir(), 'seatrial-nemo-entry-'));
  });
  afterAll(() => {
    rmSync(store, { recursive: true, force: true });
  });

  test('passes whole, and leaves nothing', async () => {
    const scenario = 'packs/nemoclaw/scenarios/hermes-root-entrypoint.yaml';
    const argv = ['--scenario', scenario, '--store', store, '--json'];
    const env = { PATH: process.env['PATH'] ?? '', SEATRIAL_DOCKER_HOST: engineHost ?? '' };
    const { code, out, err } = await runCommand(run, argv, { cwd: process.cwd(), env });
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringContaining('run completed') as string,
    });
    const { checks } = JSON.parse(out) as { checks: readonly { id: string; verdict: string }[] };
    const asked = checks.filter(({ id }) => /^(?:runtime|floor\.remove|run\.secrets)\./.test(id));
    expect(asked.filter(({ verdict }) => verdict !== 'passed')).toEqual([]);
    expect(asked).toHaveLength(16);
  });
});

beforeAll(async () => {
  if (engineHost === undefined) return;
  at = await makeProductWorld(engineHost);
  image = `${at.space}/hermes:1`;
  await at.nemoclaw(['image', '--agent', 'hermes', '--tag', image]);
});
afterAll(async () => {
  if (engineHost === undefined) return;
  if (containers.length > 0) await docker('rm', '--force', ...containers);
  await at.remove();
});

const config = `'{"schema":2,"inference":{"model":"fake/echo-1"}}'`;
const home = '/sandbox/.hermes';

/** A container in which a script prepares the home before the entrypoint starts. */
async function start(prepare: string): Promise<string> {
  const name = `${at.space}-${String(containers.length)}`;
  containers.push(name);
  const script = `mkdir -p ${home} && echo ${config} > ${home}/config.json && chown -R 998:998 /sandbox; ${prepare}; exec /usr/local/bin/nemoclaw-start`;
  const options = ['run', '--detach', '--name', name, '--network', 'none', '--user', '0'];
  await docker(...options, image, 'sh', '-c', script);
  return name;
}

async function ended(name: string): Promise<{ code: number; log: string }> {
  const { stdout } = await docker('wait', name);
  return { code: Number(stdout), log: (await docker('logs', name)).stderr };
}

onEngine('a hostile home', () => {
  test.each([
    ['a linked configuration', `ln -sf /etc/passwd ${home}/config.json`],
    ['a linked hash file', `ln -s /etc/passwd ${home}/.config-hash`],
  ])('%s is refused with 11', async (_, prepare) => {
    const name = await start(prepare);
    const { code, log } = await ended(name);
    expect({ code, log }).toEqual({
      code: 11,
      log: expect.stringContaining('is refused') as string,
    });
  });
});
