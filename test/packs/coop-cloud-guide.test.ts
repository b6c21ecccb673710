// Every command of docs/guides/recipes.md, where its reader would type it. Those that deploy take minutes:
// they run with SEATRIAL_GUIDE=all, as the acceptance list does.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { cliConfig, engineHost } from '../drivers/docker/engine-here.ts';
import { runCommand } from '../cli/run-command.ts';

type Shown = { readonly command: string; readonly said: readonly string[] };

/** What stands behind `$` in the guide, and what it shows below. */
const guide = readFileSync('docs/guides/recipes.md', 'utf8');
const shown = [...guide.matchAll(/```text\n\$ seatrial ([^\n]+)\n([^]*?)```/g)].map(
  ([, command = '', said = '']): Shown => ({ command, said: said.trimEnd().split('\n') }),
);
const deploys = ({ command }: Shown): boolean => /^(?:run|canaries)/.test(command);
const all = process.env['SEATRIAL_GUIDE'] === 'all';

let folder = '';
const inFolder = (...args: readonly string[]): void => {
  execFileSync('git', ['-C', join(folder, 'static'), ...args], { stdio: 'ignore' });
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seatrial-guide-'));
  const made = join(folder, 'made');
  execFileSync(process.execPath, ['packs/coop-cloud/reference/make.mjs', made]);
  const repository = join(made, 'static.git');
  execFileSync('git', ['clone', '--quiet', repository, join(folder, 'static')]);
  inFolder('fetch', 'origin', 'refs/pull/7/head:refs/pull/7/head');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const env = {
  PATH: process.env['PATH'] ?? '',
  SEATRIAL_DOCKER_HOST: engineHost ?? '',
  ...(cliConfig === undefined ? {} : { SEATRIAL_DOCKER_CONFIG: cliConfig }),
};

async function type(command: string): Promise<{ readonly code: number; readonly out: string }> {
  const words = command.split(' ');
  const found =
    commands.find(({ name }) => name === words.slice(0, 2).join(' ')) ??
    commands.find(({ name }) => name === words[0]);
  if (found === undefined) throw new Error(`no command ${command}`);
  const store = ['--store', resolve(folder, 'store')];
  const argv = words.slice(found.name.split(' ').length);
  const given = found.name === 'recipe lint' ? argv : [...argv, ...store];
  return runCommand(found, given, { cwd: folder, env });
}

/** Times and names of folders are the reader's own. */
const lasting = (line: string): boolean =>
  !/^ {2}[✓✕?]? ?\w+ +done|^ {4}(?:recipe|run) /.test(line);

describe.skipIf(engineHost === undefined)(
  'DG8: every command of the guide',
  { timeout: 300_000 },
  () => {
    test('is found', () => {
      expect(shown.length).toBeGreaterThan(3);
    });

    test.each(shown.filter((each) => all || !deploys(each)))(
      '$command',
      async ({ command, said }) => {
        // The lint of the guide is of a work tree in which a config was edited.
        const conf = join(folder, 'static/nginx.conf.tmpl');
        const before = readFileSync(conf, 'utf8');
        if (command.startsWith('recipe lint'))
          writeFileSync(conf, before.replace('1.1.0', '1.2.0'));
        const { code, out } = await type(command);
        writeFileSync(conf, before);
        expect(code).toBe(command.startsWith('recipe lint') ? 1 : 0);
        const lines = out.split('\n').map((line) => line.trimEnd());
        for (const line of said.filter(lasting)) expect(lines).toContain(line.trimEnd());
      },
    );
  },
);
