// A sandbox with an old agent, rebuilt on a real engine; and what a rebuild leaves when it is killed
// or cannot finish.

import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineHost } from '../../drivers/docker/engine-here.ts';
import { allowOldAgents, makeProductWorld, secrets, type ProductWorld } from './product-world.ts';

let at: ProductWorld;
let oldBase = '';
const onEngine = describe.skipIf(engineHost === undefined);

type Entry = { readonly agentVersion: string; readonly policies: readonly string[] };
const entryOf = (name: string): Entry => {
  const { sandboxes } = at.readJson('sandboxes.json') as { sandboxes: Record<string, Entry> };
  const entry = sandboxes[name];
  if (entry === undefined) throw new Error(`the registry has no ${name}`);
  return entry;
};

const containerOf = async (name: string): Promise<string> => {
  const { stdout } = await at.openshell(['sandbox', 'get', name]);
  return (JSON.parse(stdout) as { containerId: string }).containerId;
};

beforeAll(async () => {
  if (engineHost === undefined) return;
  at = await makeProductWorld(engineHost);
  const old = await at.world.release('openclaw', 'old');
  oldBase = `${at.space}/old-openclaw:1`;
  await at.nemoclaw(['image', '--agent', 'openclaw', '--tag', oldBase, '--build', old]);
});
afterAll(async () => {
  if (engineHost !== undefined) await at.remove();
});

const onboard = (name: string, ...more: readonly string[]) =>
  at.nemoclaw(['onboard', '--non-interactive', '--name', name, ...more], {
    env: { NEMOCLAW_POLICY_PRESETS: 'npm,pypi' },
  });

onEngine('an old sandbox', () => {
  test('is not made from a base below the blueprint', async () => {
    const refused = await onboard('oc', '--base', oldBase);
    expect(refused).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('min_openclaw_version') as string,
    });
    expect((await at.nemoclaw(['list'])).stdout).toBe('');
  });

  test('is made once the blueprint lets it through, and is found stale', async () => {
    allowOldAgents(at);
    expect(await onboard('oc', '--base', oldBase)).toMatchObject({ code: 0 });
    expect(entryOf('oc')).toMatchObject({ agentVersion: '2026.3.11', policies: ['npm', 'pypi'] });
    expect(await at.nemoclaw(['upgrade-sandboxes', '--check'])).toMatchObject({
      code: 5,
      stdout: expect.stringContaining('has 2026.3.11, 2026.5.22 is expected') as string,
    });
    expect(at.readJson('onboard-session.json')).toMatchObject({
      status: 'complete',
      resumable: false,
    });
  });

  test('is given a memory, a marker and secrets', async () => {
    await at.inSandbox('oc', 'openclaw', 'memory', 'set', 'colour', 'teal');
    const script = `cd /sandbox/.openclaw-data/workspace && echo mark > marker.txt &&
      echo API_TOKEN=planted-1 > .env && echo '{"api_key":"planted-2","n":1}' > a.json &&
      echo '{"api_key":"planted-3"}' > b.json && tar -czf old.tar.gz b.json && rm b.json &&
      echo planted-4 > credentials.yaml`;
    await at.inSandbox('oc', 'sh', '-c', script);
    expect(await at.inSandbox('oc', 'openclaw', 'ask', 'one two')).toBe('owt eno\n');
    expect(at.endpoint.asked.at(-1)?.agent).toBe('openclaw/2026.3.11');
  });
});

onEngine('a rebuild that cannot start the new sandbox', () => {
  test('says so and keeps the old one', async () => {
    const before = await containerOf('oc');
    const path = `${at.product}/blueprint/images/start.sh`;
    const start = readFileSync(path, 'utf8');
    writeFileSync(path, '#!/bin/sh\necho broken by a test\nexit 9\n');
    await at.world.run('docker', ['image', 'rm', `${at.space}/nemoclaw-base-openclaw:2026.5.22`]);
    const failed = await at.nemoclaw(['oc', 'rebuild', '--yes']);
    writeFileSync(path, start);
    await at.world.run('docker', ['image', 'rm', `${at.space}/nemoclaw-base-openclaw:2026.5.22`]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/recreate failed: .*; old sandbox kept\n$/);
    expect(await containerOf('oc')).toBe(before);
    expect((await at.openshell(['sandbox', 'list'])).stdout).toBe('oc\tready\n');
    expect(entryOf('oc').agentVersion).toBe('2026.3.11');
  });
});

onEngine('a rebuild', () => {
  test('replaces the container and keeps what its owner had', async () => {
    const before = await containerOf('oc');
    expect(await at.nemoclaw(['oc', 'rebuild', '--yes', '--verbose'])).toMatchObject({ code: 0 });
    expect(await containerOf('oc')).not.toBe(before);
    expect((await at.openshell(['sandbox', 'list'])).stdout).toBe('oc\tready\n');
    expect(await at.inSandbox('oc', 'openclaw', '--version')).toContain('openclaw 2026.5.22 ');
    expect(await at.inSandbox('oc', 'openclaw', 'memory', 'get', 'colour')).toBe('teal\n');
    const marker = ['cat', '/sandbox/.openclaw/workspace/marker.txt'];
    expect(await at.inSandbox('oc', ...marker)).toBe('mark\n');
    expect(entryOf('oc')).toMatchObject({ agentVersion: '2026.5.22', policies: ['npm', 'pypi'] });
    const { stdout } = await at.openshell(['policy', 'get', '--full', 'oc']);
    expect(stdout).toContain('npm.example.org');
    expect(stdout).toContain('pypi.example.org');
    expect(await at.nemoclaw(['upgrade-sandboxes', '--check'])).toMatchObject({ code: 0 });
  });

  test('asks the model as the new agent', async () => {
    expect(await at.inSandbox('oc', 'openclaw', 'ask', 'abc')).toBe('cba\n');
    expect(at.endpoint.asked.at(-1)).toEqual({ agent: 'openclaw/2026.5.22', question: 'abc' });
  });

  test('leaves backups without secrets, for their owner alone', async () => {
    const folder = join(at.world.home, '.nemoclaw/rebuild-backups/oc');
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const files = names.map((name) => join(folder, name)).filter((path) => statSync(path).isFile());
    expect(files.some((path) => path.endsWith('marker.txt'))).toBe(true);
    expect(files.some((path) => path.endsWith('credentials.yaml'))).toBe(false);
    for (const path of files) {
      expect(statSync(path).mode & 0o777).toBe(0o600);
      const bytes = readFileSync(path);
      for (const secret of ['planted-', ...Object.values(secrets)])
        expect(bytes.includes(secret)).toBe(false);
    }
    const archive = files.find((path) => path.endsWith('old.tar.gz')) ?? '';
    const { stdout } = await at.world.run('tar', ['-xzOf', archive]);
    expect(stdout).toContain('removed from backup');
  });
});

onEngine('a rebuild that is killed', () => {
  test.each([
    ['policies-applied', 'taken back'],
    ['probed', 'rebuilt'],
    ['swapped', 'rebuilt'],
  ])('at %s leaves a whole sandbox, and goes on: %s', async (phase, said) => {
    const env = { NEMOCLAW_REF_CRASH_AT: phase };
    expect(await at.nemoclaw(['oc', 'rebuild', '--yes'], { env })).toMatchObject({ code: 137 });
    expect(await at.inSandbox('oc', 'openclaw', 'memory', 'get', 'colour')).toBe('teal\n');
    const resumed = await at.nemoclaw(['oc', 'rebuild', '--yes', '--resume']);
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining(said) as string });
    expect((await at.openshell(['sandbox', 'list'])).stdout).toBe('oc\tready\n');
    expect(await at.inSandbox('oc', 'openclaw', 'memory', 'get', 'colour')).toBe('teal\n');
  });
});

onEngine('overrides', () => {
  test('change one start, and the next is as before', async () => {
    const config = () => at.inSandbox('oc', 'cat', '/sandbox/.openclaw/openclaw.json');
    const before = await config();
    const env = { NEMOCLAW_MODEL_OVERRIDE: 'other/model', NOT_FORWARDED: 'x' };
    expect(await at.nemoclaw(['oc', 'restart'], { env })).toMatchObject({ code: 0 });
    expect(await config()).toContain('"primary": "other/model"');
    expect(await at.inSandbox('oc', 'cat', '/run/openshell/environment.json')).toBe(
      '{\n  "NEMOCLAW_MODEL_OVERRIDE": "other/model"\n}\n',
    );
    expect(await at.nemoclaw(['oc', 'restart'])).toMatchObject({ code: 0 });
    expect(await config()).toBe(before);
  });

  test('of no sense are refused, and nothing is changed', async () => {
    const env = { NEMOCLAW_MAX_TOKENS: '0', NEMOCLAW_REASONING: 'true' };
    expect(await at.nemoclaw(['oc', 'restart'], { env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('NEMOCLAW_MAX_TOKENS is refused') as string,
    });
    const stopped = await at.nemoclaw(['upgrade-sandboxes', '--check']);
    expect(stopped).toMatchObject({
      code: 6,
      stdout: expect.stringContaining('unknown') as string,
    });
    expect(await at.nemoclaw(['oc', 'restart'])).toMatchObject({ code: 0 });
  });
});
