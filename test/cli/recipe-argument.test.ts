// `seatrial plan RECIPE`: what is planned for a repository without any manifest.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plan } from '../../src/cli/commands/plan.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { engineHost } from '../drivers/docker/engine-here.ts';
import { good } from '../recipe/recipe-fixture.ts';
import { runCommand, type Ended } from './run-command.ts';

let root = '';
let repository = '';

const git = (...args: readonly string[]): void => {
  execFileSync('git', ['-C', repository, '-c', 'user.name=n', '-c', 'user.email=e@x', ...args]);
};

function commit(files: Readonly<Record<string, string>>, message: string): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(repository, name), text);
  git('add', '-A');
  git('commit', '--quiet', '-m', message);
}

const compose = (version: string, more = ''): string =>
  (good['compose.yml'] ?? '')
    .replace('1.2.0+3.4', version)
    .replace('interval: 30s', `interval: 30s${more}`);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'seatrial-argument-'));
  repository = join(root, 'Notes');
  mkdirSync(repository);
  git('init', '--quiet', '--initial-branch=main');
  commit({ ...good, 'compose.yml': compose('1.0.0+3.4') }, 'one');
  git('tag', '1.0.0+3.4');
  commit({ 'compose.yml': compose('1.1.0+3.4_2', '\n      timeout: 3s') }, 'two');
  git('tag', '-a', '-m', 'two', '1.1.0+3.4_2');
  git('checkout', '--quiet', '-b', 'change');
  commit(
    { 'compose.yml': compose('1.1.0+3.4_2', '\n      timeout: 4s') },
    'a change without a bump',
  );
  git('update-ref', 'refs/pull/7/head', 'HEAD');
  git('checkout', '--quiet', 'main');
  commit({ 'README.md': 'About.\n' }, 'what nobody deploys');
  commit(
    { 'seatrial.yaml': 'seatrial: 1\napp: theirs\nskipFloor: {all: we know better}\n' },
    'own manifest',
  );
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const asked = (args: readonly string[], cwd = root): Promise<Ended> =>
  runCommand(plan, [...args, '--store', join(root, 'store')], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', SEATRIAL_DOCKER_HOST: engineHost ?? '' },
  });

async function planned(...args: readonly string[]): Promise<Plan> {
  const { code, out, err } = await asked([...args, '--json']);
  expect(code, err).toBe(0);
  return JSON.parse(out) as Plan;
}

const baseOf = ({ base }: Plan): string => ('skipped' in base ? base.skipped : base.ref);

// A plan asks the engine what it can do.
describe.skipIf(engineHost === undefined)('a recipe without a manifest', () => {
  test('DG1, DG2: is judged with every default, whatever a manifest in it says', async () => {
    const { app, driver, expected, manifest, head } = await planned('./Notes');
    expect([app, driver, head.ref]).toEqual(['notes', 'swarm', 'git:HEAD']);
    expect(manifest.skipFloor).toEqual({});
    expect(expected.map(({ id }) => id)).toContain('floor.recipe.lint');
  });

  test('HC1, FG-03, FG-04: a change goes from the newest tag, annotated or not, though it bumps nothing', async () => {
    const change = await planned('./Notes', '--change', '7');
    expect(change.head.version).toBe('1.1.0+3.4_2');
    expect(baseOf(change)).toBe('git:1.1.0+3.4_2');
    expect(baseOf(await planned('./Notes', '--head', 'git:1.1.0+3.4_2'))).toBe('git:1.0.0+3.4');
  });

  test('HC1, FG-03: what deploys the same is no base: a change of the README steps back', async () => {
    const { candidates, ...rest } = await planned('./Notes');
    expect(baseOf(rest as Plan)).toBe('git:1.0.0+3.4');
    expect(candidates).toContainEqual(
      expect.objectContaining({ taken: false, reason: 'its content equals head' }),
    );
  });

  test('a URL is fetched, with the one change that is named', async () => {
    const { head } = await planned(`file://${repository}`, '--change', '7');
    expect(head.ref).toBe('git:refs/pull/7/head');
  });

  test.each([
    [['nosuch'], 'no recipe "nosuch"'],
    [['./Notes', '--manifest', 'x.yaml'], '--manifest says which app it is'],
    [['./Notes', '--change', '7', '--head', 'main'], '--change names the head already'],
    [['./Notes', '--change', 'seven'], '--change takes a number'],
    [['./Notes', '--change', '8'], 'no commit "refs/pull/8/head"'],
  ])('%j is a wrong command line: %s', async (args, message) => {
    const { code, err } = await asked(args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
