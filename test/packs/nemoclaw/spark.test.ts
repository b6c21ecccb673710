// setup-spark with the tools it calls replaced by ones that note what they are asked.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeWorld, type Ended, type ReferenceWorld } from './reference-world.ts';

let world: ReferenceWorld;
let program = '';
beforeAll(async () => {
  world = makeWorld();
  program = join(await world.release('nemoclaw', 'current'), 'setup-spark');
});
afterAll(() => {
  world.remove();
});

let root = '';
const config = (): string => join(root, 'daemon.json');
const called = (): readonly string[] =>
  existsSync(join(root, 'called'))
    ? readFileSync(join(root, 'called'), 'utf8').trim().split('\n')
    : [];

function stub(name: string, text: string): void {
  writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(root, 'bin', name), 0o755);
}

beforeEach(() => {
  root = mkdtempSync(join(world.root, 'spark-'));
  mkdirSync(join(root, 'bin'));
  for (const name of ['usermod', 'systemctl']) stub(name, `echo "${name} $*" >> ${root}/called`);
  stub('pgrep', 'exit 1');
  stub('docker', 'echo 20.10');
  symlinkSync(process.execPath, join(root, 'bin/node'));
  writeFileSync(config(), '{\n    "debug": true,\n    "log-opts": { "max-size": "1m" }\n}\n');
});

const setup = (env: NodeJS.ProcessEnv = {}, mutant?: string): Promise<Ended> =>
  world.run(program, [], {
    ...(mutant === undefined ? {} : { mutant }),
    env: {
      PATH: `${join(root, 'bin')}:/usr/bin:/bin`,
      HOME: world.home,
      NEMOCLAW_DOCKER_CONFIG: config(),
      SUDO_USER: 'mara',
      ...env,
    },
  });

describe.skipIf(process.getuid?.() !== 0)('setup-spark as root', () => {
  test('adds one key and leaves every other byte', async () => {
    expect(await setup()).toMatchObject({ code: 0 });
    expect(readFileSync(config(), 'utf8')).toBe(
      '{\n    "default-cgroupns-mode": "host",\n    "debug": true,\n    "log-opts": { "max-size": "1m" }\n}\n',
    );
    expect(called()).toEqual(['usermod -aG docker mara', 'systemctl restart docker']);
  });

  test('a second time changes nothing and restarts nothing', async () => {
    await setup();
    const before = readFileSync(config());
    expect(await setup()).toMatchObject({ code: 0 });
    expect(readFileSync(config())).toEqual(before);
    expect(called().filter((each) => each.startsWith('systemctl'))).toHaveLength(1);
  });

  test.each([
    ['{"default-cgroupns-mode":"private"}', '{"default-cgroupns-mode":"host"}'],
    [
      '{"a":{"default-cgroupns-mode":"private"}}',
      '{\n  "default-cgroupns-mode": "host","a":{"default-cgroupns-mode":"private"}}',
    ],
    ['{}', '{\n  "default-cgroupns-mode": "host"\n}\n'],
  ])('%s', async (before, after) => {
    writeFileSync(config(), before);
    await setup();
    expect(readFileSync(config(), 'utf8')).toBe(after);
  });

  test('a file that is no JSON is left as it is', async () => {
    writeFileSync(config(), '{ "debug": true,');
    expect(await setup()).toMatchObject({ code: 1 });
    expect(readFileSync(config(), 'utf8')).toBe('{ "debug": true,');
    expect(called()).toEqual([]);
  });

  test.each(['kubelet', 'kubelite', 'microk8s', 'k3s'])('%s is refused first', async (name) => {
    stub('pgrep', `[ "$2" = ${name} ]`);
    const before = readFileSync(config());
    expect(await setup()).toMatchObject({ code: 4 });
    expect(readFileSync(config())).toEqual(before);
    expect(called()).toEqual([]);
  });

  test('root is added to no group', async () => {
    await setup({ SUDO_USER: 'root' });
    expect(called()).toEqual(['systemctl restart docker']);
  });
});

describe.skipIf(process.getuid?.() !== 0)('an engine that was restarted', () => {
  test.each(['{ "debug": true }\n', undefined])(
    'and does not return is asked ten times, and %j is back',
    async (before) => {
      if (before === undefined) rmSync(config());
      else writeFileSync(config(), before);
      stub('docker', `echo "docker $*" >> ${root}/called; exit 1`);
      expect(await setup({ NEMOCLAW_REF_PAUSE_MS: '1' })).toMatchObject({ code: 5 });
      expect(existsSync(config()) ? readFileSync(config(), 'utf8') : undefined).toBe(before);
      expect(called().filter((each) => each.startsWith('docker version'))).toHaveLength(10);
      expect(called().filter((each) => each.startsWith('systemctl'))).toHaveLength(1);
    },
  );

  test('and is slow to return is waited for', async () => {
    stub(
      'docker',
      `echo "docker $*" >> ${root}/called; [ $(grep -c docker ${root}/called) -gt 4 ]`,
    );
    expect(await setup({ NEMOCLAW_REF_PAUSE_MS: '1', SUDO_USER: 'root' })).toMatchObject({
      code: 0,
    });
    expect(readFileSync(config(), 'utf8')).toContain('"default-cgroupns-mode": "host"');
  });

  test('canary: a file that is not put back is seen', async () => {
    const before = readFileSync(config(), 'utf8');
    stub('docker', 'exit 1');
    const pause = { NEMOCLAW_REF_PAUSE_MS: '1' };
    expect(await setup(pause, 'spark.no-restore')).toMatchObject({ code: 5 });
    expect(readFileSync(config(), 'utf8')).not.toBe(before);
  });
});
