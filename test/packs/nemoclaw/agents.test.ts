// The two agents as programs of this host: their homes, their migrations, their plugins.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  makeWorld,
  type Ended,
  type ReferenceWorld,
  type StartOptions,
} from './reference-world.ts';

let world: ReferenceWorld;
const programs = { openclaw: { old: '', current: '' }, hermes: { old: '', current: '' } };
beforeAll(async () => {
  world = makeWorld();
  for (const agent of ['openclaw', 'hermes'] as const)
    for (const release of ['old', 'current'] as const)
      programs[agent][release] = join(await world.release(agent, release), agent);
});
afterAll(() => {
  world.remove();
});

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(world.root, 'agent-'));
});

type Release = 'old' | 'current';

function agent(
  name: 'openclaw' | 'hermes',
  release: Release,
  args: readonly string[],
  options: StartOptions = {},
): Promise<Ended> {
  return world.run(programs[name][release], args, {
    ...options,
    env: { HOME: home, ...options.env },
  });
}

function place(path: string, text: string): void {
  mkdirSync(join(home, path, '..'), { recursive: true });
  writeFileSync(join(home, path), text);
}

const read = (path: string): string => readFileSync(join(home, path), 'utf8');

describe('openclaw', () => {
  test('keeps its memory in the form of its release', async () => {
    mkdirSync(join(home, '.openclaw-data'));
    for (const [release, file] of [
      ['old', '.openclaw-data/memory.json'],
      ['current', '.openclaw/memory/entries.json'],
    ] as const) {
      await agent('openclaw', release, ['memory', 'set', 'colour', 'teal']);
      expect((await agent('openclaw', release, ['memory', 'get', 'colour'])).stdout).toBe('teal\n');
      expect(existsSync(join(home, file))).toBe(true);
    }
    expect(await agent('openclaw', 'current', ['memory', 'get', 'toString'])).toMatchObject({
      code: 3,
    });
  });

  test('the current release reads an old home only after the doctor', async () => {
    mkdirSync(join(home, '.openclaw-data'));
    await agent('openclaw', 'old', ['memory', 'set', 'colour', 'teal']);
    place('.openclaw-data/workspace/notes.md', 'kept');
    const get = ['memory', 'get', 'colour'];
    expect(await agent('openclaw', 'current', get)).toMatchObject({ code: 3 });
    expect(await agent('openclaw', 'current', ['doctor', '--fix'])).toMatchObject({ code: 0 });
    expect((await agent('openclaw', 'current', get)).stdout).toBe('teal\n');
    expect(read('.openclaw/workspace/notes.md')).toBe('kept');
    const again = await agent('openclaw', 'current', ['doctor', '--fix']);
    expect(again).toMatchObject({ code: 0, stdout: 'nothing to fix\n' });
  });

  test('the old release has nothing to fix', async () => {
    const { stdout } = await agent('openclaw', 'old', ['doctor', '--fix']);
    expect(stdout).toBe('nothing to fix\n');
  });
});

type Plugin = { readonly name: string; readonly digest: string; readonly isLoaded: boolean };

describe('plugins', () => {
  const plugin = (text: string): string => {
    const folder = mkdtempSync(join(world.root, 'plugin-'));
    writeFileSync(join(folder, 'plugin.json'), '{"name":"browser"}');
    writeFileSync(join(folder, 'index.js'), text);
    return folder;
  };
  const list = async (release: Release): Promise<readonly Plugin[]> => {
    const { stdout } = await agent('openclaw', release, ['plugins', 'list']);
    return JSON.parse(stdout) as readonly Plugin[];
  };
  const install = (release: Release, folder: string, ...rest: readonly string[]): Promise<Ended> =>
    agent('openclaw', release, ['plugins', 'install', folder, ...rest]);

  test.each(['old', 'current'] as const)(
    '%s installs, refuses twice, replaces',
    async (release) => {
      expect(await install(release, plugin('one'))).toMatchObject({ code: 0 });
      const [first] = await list(release);
      expect(first).toMatchObject({ name: 'browser', isLoaded: true });
      expect(await install(release, plugin('two'))).toMatchObject({ code: 1 });
      expect(await install(release, plugin('two'), '--force')).toMatchObject({ code: 0 });
      const [second, ...others] = await list(release);
      expect(second?.digest).not.toBe(first?.digest);
      expect(others).toEqual([]);
    },
  );

  test('the old release moves a folder, the current one a file', async () => {
    await install('old', plugin('one'));
    expect(existsSync(join(home, '.openclaw-data/extensions/browser/index.js'))).toBe(true);
    await install('current', plugin('one'));
    expect(readdirSync(join(home, '.openclaw/extensions')).sort()).toEqual([
      '.store',
      'browser.ref',
    ]);
  });

  test.each(['before-store', 'stored', 'referred'])(
    'a kill at %s leaves the old plugin or the new one, whole',
    async (step) => {
      const [one, two] = [plugin('one'), plugin('two')];
      await install('current', one);
      const [old] = await list('current');
      const options = { env: { NEMOCLAW_REF_CRASH_AT: step } };
      const args = ['plugins', 'install', two, '--force'];
      expect(await agent('openclaw', 'current', args, options)).toMatchObject({ code: 137 });
      const [left] = await list('current');
      expect(left).toMatchObject({ isLoaded: true });
      await install('current', two, '--force');
      const [next] = await list('current');
      expect([old?.digest, next?.digest]).toContain(left?.digest);
    },
  );

  test('canary: removing first, a kill leaves nothing', async () => {
    await install('current', plugin('one'));
    writeFileSync(join(home, '.seatrial-canary'), 'nonce-0123456789abcdef');
    const options = {
      mutant: 'plugin.delete-first',
      env: { NEMOCLAW_REF_CRASH_AT: 'before-store' },
    };
    const args = ['plugins', 'install', plugin('two'), '--force'];
    await agent('openclaw', 'current', args, options);
    expect(await list('current')).toEqual([]);
  });
});

describe('hermes', () => {
  const flat = { model: 'fake/echo-1', discord_channel: '42', greeting: 'ahoy' };

  test('the doctor nests what was flat and keeps the rest', async () => {
    place('.hermes/config.json', JSON.stringify(flat));
    await agent('hermes', 'current', ['doctor', '--fix']);
    expect(JSON.parse(read('.hermes/config.json'))).toEqual({
      schema: 2,
      inference: { model: 'fake/echo-1' },
      discord: { channel: '42' },
      greeting: 'ahoy',
    });
    const before = read('.hermes/config.json');
    await agent('hermes', 'current', ['doctor', '--fix']);
    expect(read('.hermes/config.json')).toBe(before);
  });

  test.each([
    ['current', JSON.stringify(flat), 'doctor --fix'],
    ['old', '{"schema":2,"inference":{"model":"x"}}', 'another release'],
  ] as const)('%s refuses the other form', async (release, text, said) => {
    place('.hermes/config.json', text);
    const { code, stderr } = await agent('hermes', release, ['ask', 'x']);
    expect(code).toBe(1);
    expect(stderr).toContain(said);
  });
});

test('canary: an agent may answer without asking the model', async () => {
  const options = { mutant: 'agent.canned-answer' };
  writeFileSync(join(home, '.seatrial-canary'), 'nonce-0123456789abcdef');
  const { stdout } = await agent('openclaw', 'old', ['ask', 'abc'], options);
  expect(stdout).toBe('cba\n');
  rmSync(join(home, '.seatrial-canary'));
});
