// The pack of Co-op Cloud: its reference recipes as repositories, and on a real Swarm a selection of its
// planted faults and one whole life. `npm run acceptance:coop-cloud` runs all of them.

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recipeChecks } from '../../src/checks/floor-recipe.ts';
import { runCanary, type CanaryResult } from '../../src/cli/canaries.ts';
import { run } from '../../src/cli/commands/run.ts';
import { decodeSource } from '../../src/diagnostics/source.ts';
import { driverFaults } from '../../src/drivers/planted/faults.ts';
import { loadCanaries, type Canary } from '../../src/scenario/canaries.ts';
import { runCommand, type Ended } from '../cli/run-command.ts';
import { captureTerminal } from '../cli/captured-terminal.ts';
import { cliConfig, engineHost } from '../drivers/docker/engine-here.ts';

const pack = 'packs/coop-cloud';
const path = `${pack}/canaries/canaries.yaml`;
const { canaries = [], problems } = loadCanaries(decodeSource(path, readFileSync(path)).source);
const apps = ['static', 'notes', 'shop', 'tcp', 'sso', 'portal'];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seatrial-coop-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const make = (to: string): void => {
  execFileSync(process.execPath, [`${pack}/reference/make.mjs`, to]);
};
const refs = (repository: string): string =>
  execFileSync('git', [
    '-C',
    repository,
    'for-each-ref',
    '--format=%(refname) %(objecttype) %(objectname)',
  ]).toString();

describe('the reference recipes', () => {
  test('are the same commits wherever they are made', () => {
    for (const name of ['one', 'two']) make(join(folder, name));
    for (const app of apps)
      expect(refs(join(folder, 'one', `${app}.git`))).toBe(refs(join(folder, 'two', `${app}.git`)));
  });

  test('are made again where somebody changed one by hand, and only then', () => {
    const place = join(folder, 'one');
    make(place);
    const [kept, changed] = [join(place, 'notes.git'), join(place, 'static.git')];
    const { ino } = statSync(kept);
    const made = refs(changed);
    execFileSync('git', ['-C', changed, 'update-ref', 'refs/heads/main', 'refs/pull/7/head']);
    expect(refs(changed)).not.toBe(made);
    make(place);
    expect(refs(changed)).toBe(made);
    expect(statSync(kept).ino).toBe(ino);
    // The right names, and another content behind one of them.
    const [object = ''] = readdirSync(join(changed, 'objects'), {
      recursive: true,
      withFileTypes: true,
    })
      .filter((each) => each.isFile() && statSync(join(each.parentPath, each.name)).size > 100)
      .map((each) => join(each.parentPath, each.name));
    const bytes = readFileSync(object);
    bytes.writeUInt8(bytes.readUInt8(50) ^ 1, 50);
    rmSync(object);
    writeFileSync(object, bytes);
    expect(refs(changed)).toBe(made);
    make(place);
    expect(() => execFileSync('git', ['-C', changed, 'fsck', '--full'])).not.toThrow();
  });

  test.each(apps)('%s has a lightweight tag, an annotated one, and a pull request', (app) => {
    make(join(folder, 'one'));
    const found = refs(join(folder, 'one', `${app}.git`));
    expect(found).toMatch(/^refs\/tags\/1\.0\.0\+\S+ commit /m);
    expect(found).toMatch(/^refs\/tags\/1\.1\.0\+\S+ tag /m);
    expect(found).toMatch(/^refs\/pull\/7\/head commit /m);
  });
});

describe('the planted faults', () => {
  test('load, and each names a branch that is there or a fault that drivers have', () => {
    expect(problems).toEqual([]);
    make(join(folder, 'one'));
    for (const { plant, manifest = '' } of canaries) {
      const app = /apps\/([^/]+)\//.exec(manifest)?.[1] ?? '';
      const branch = plant.head?.replace('git:', 'refs/heads/');
      if (branch !== undefined) expect(refs(join(folder, 'one', `${app}.git`))).toContain(branch);
      for (const fault of plant.driver ?? []) expect(Object.keys(driverFaults)).toContain(fault);
      expect(existsSync(join(pack, manifest))).toBe(true);
    }
  });

  test('use every fault of drivers, and kill every check of recipes', () => {
    const used = new Set(canaries.flatMap(({ plant }) => plant.driver ?? []));
    expect(Object.keys(driverFaults).filter((fault) => !used.has(fault))).toEqual([]);
    const killed = new Set(canaries.flatMap(({ kills }) => kills));
    expect(recipeChecks.filter(({ id }) => !killed.has(id))).toEqual([]);
  });
});

/** One of each kind: the files, the driver, the app, and data that only the app understands. */
const selected = [
  'recipe-refused-variable',
  'fg-02-upgrade-does-nothing',
  'fg-06-rolled-back',
  'fg-15-hook-fails-left-of-a-pipe',
  'fg-16-restores-the-later-state',
  'notes-silent-downgrade',
];

const env = {
  ...process.env,
  SEATRIAL_DOCKER_HOST: engineHost,
  ...(cliConfig === undefined ? {} : { SEATRIAL_DOCKER_CONFIG: cliConfig }),
};

// Mostly waiting for the engine: together a minute and a half.
describe.skipIf(engineHost === undefined)('on a real Swarm', { timeout: 400_000 }, () => {
  let results: readonly CanaryResult[] = [];
  let life: Ended | undefined;
  beforeAll(async () => {
    make(`${pack}/reference/repositories`);
    const chosen = canaries.filter(({ id }) => selected.includes(id));
    const one = (canary: Canary): Promise<CanaryResult> =>
      runCanary(canary, {
        pack,
        store: join(folder, 'store'),
        terminal: { ...captureTerminal(), env },
      });
    const argv = ['shop', '--quiet', '--json', '--store', join(folder, 'store')];
    [life, ...results] = await Promise.all([
      runCommand(run, argv, { cwd: folder, env: env as Record<string, string> }),
      ...chosen.map(one),
    ]);
  }, 400_000);

  test.each(selected)('%s goes red', (id) => {
    const result = results.find((each) => each.id === id);
    expect(result, JSON.stringify(result, undefined, 2)).toMatchObject({ outcome: 'red' });
  });

  test('DG3, FR-03: a recipe of several services passes its whole life, one-shots and dropped services included', () => {
    expect(life?.code, life?.err).toBe(0);
    const { verdict, checks } = JSON.parse(life?.out ?? '') as {
      verdict: string;
      checks: { id: string; verdict: string }[];
    };
    expect(verdict).toBe('passed');
    const passed = checks.filter((check) => check.verdict === 'passed').map(({ id }) => id);
    expect(passed).toEqual(
      expect.arrayContaining([
        'floor.recipe.lint',
        'floor.upgrade.identity',
        'floor.upgrade.no-orphans',
        'floor.restore.markers-back',
        'overlay.upgrade.worker-is-set-up',
      ]),
    );
  });
});
