// The root entrypoint in containers of its own: what it repairs, what it refuses, who runs what.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineHost } from '../../drivers/docker/engine-here.ts';
import { makeProductWorld, type ProductWorld } from './product-world.ts';
import type { Ended } from './reference-world.ts';

let at: ProductWorld;
let image = '';
const onEngine = describe.skipIf(engineHost === undefined);
const containers: string[] = [];

const docker = (...args: readonly string[]): Promise<Ended> => at.world.run('docker', args);

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
async function start(prepare: string, env: readonly string[] = []): Promise<string> {
  const name = `${at.space}-${String(containers.length)}`;
  containers.push(name);
  const script = `mkdir -p ${home} && echo ${config} > ${home}/config.json && chown -R 998:998 /sandbox; ${prepare}; exec /usr/local/bin/nemoclaw-start`;
  const run = ['run', '--detach', '--name', name, '--network', 'none', '--user', '0'];
  await docker(...run, ...env.flatMap((each) => ['--env', each]), image, 'sh', '-c', script);
  return name;
}

const inside = async (name: string, script: string, user = '0'): Promise<string> =>
  (await docker('exec', '--user', user, name, 'sh', '-c', script)).stdout.trim();

async function healthy(name: string): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const text = await inside(name, 'wget -q -O - http://127.0.0.1:8642/health');
    if (text !== '') return text;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error((await docker('logs', name)).stderr);
}

async function ended(name: string): Promise<{ code: number; log: string }> {
  const { stdout } = await docker('wait', name);
  return { code: Number(stdout), log: (await docker('logs', name)).stderr };
}

onEngine('a clean home', () => {
  test('gets its folders, and a gateway that owns nothing else', async () => {
    const name = await start('true');
    expect(JSON.parse(await healthy(name))).toEqual({ status: 'ok', platform: 'hermes-agent' });
    expect(await inside(name, `stat -c '%a %U %G' ${home}`)).toBe('3770 sandbox gateway');
    expect(await inside(name, `cat ${home}/hermes.pid`)).toMatch(/^\d+$/);
    expect(
      await inside(
        name,
        `test -L ${home}/hermes.pid || stat -c %U /proc/$(cat ${home}/hermes.pid)`,
      ),
    ).toBe('gateway');
    const write = `for each in hooks image_cache audio_cache logs/curator; do touch ${home}/$each/x && echo $each; done`;
    expect(await inside(name, write, '997')).toBe('hooks\nimage_cache\naudio_cache\nlogs/curator');
    const spoil = `rm -f ${home}/config.json; mv ${home}/config.json ${home}/c; ls ${home}/config.json`;
    expect(await inside(name, spoil, '997')).toBe(`${home}/config.json`);
    expect(await inside(name, `cd ${home} && sha256sum -c .config-hash`)).toContain(
      'config.json: OK',
    );
    expect(await inside(name, '/usr/local/bin/nemoclaw-start')).toBe('a gateway runs already');
  });
});

onEngine('what an old release left', () => {
  test('is repaired, and each repair is told', async () => {
    const prepare = `cd ${home} && mkdir -p runtime logs && echo 1 > runtime/hermes.pid && ln -s runtime/hermes.pid hermes.pid && touch gateway.lock && chmod 777 logs`;
    const name = await start(prepare);
    await healthy(name);
    const { stderr } = await docker('logs', name);
    for (const each of ['hermes.pid', 'gateway.lock', 'logs'])
      expect(stderr).toContain(`repaired: ${each}`);
    expect(await inside(name, `stat -c '%F' ${home}/hermes.pid`)).toBe('regular file');
    expect(await inside(name, `stat -c '%a' ${home}/logs`)).toBe('2770');
  });
});

onEngine('a hostile home', () => {
  test.each([
    ['a linked configuration', `ln -sf /etc/passwd ${home}/config.json`],
    ['a hard link', `rm ${home}/config.json; ln /etc/passwd ${home}/config.json`],
    ['a linked hash file', `ln -s /etc/passwd ${home}/.config-hash`],
    ['a linked folder', `ln -s /etc ${home}/logs`],
  ])('%s is refused with 11', async (_, prepare) => {
    const name = await start(prepare);
    const { code, log } = await ended(name);
    expect({ code, log }).toEqual({
      code: 11,
      log: expect.stringContaining('is refused') as string,
    });
  });

  test('an environment runs nothing as root', async () => {
    const planted =
      'mkdir -p /tmp/evil && echo "require(\'fs\').writeFileSync(\'/tmp/ran-as-\'+process.getuid(),\'\')" > /tmp/evil/x.js && printf "#!/bin/sh\\ntouch /tmp/ran-path\\n" > /tmp/evil/node && chmod 755 /tmp/evil/node; NODE_OPTIONS="--require /tmp/evil/x.js"; PATH=/tmp/evil:$PATH; export NODE_OPTIONS PATH';
    const name = await start(planted);
    await healthy(name);
    expect(await inside(name, 'ls /tmp | grep ran')).toBe('');
  });
});
