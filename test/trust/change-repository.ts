// A real repository of an app whose head brings code, and runs of it on the process driver.

import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../../src/cli/commands/run.ts';
import { trustDigest } from '../../src/cli/commands/trust-digest.ts';
import type { RunState } from '../../src/evidence/run-state.ts';
import { openRun } from '../../src/cli/store.ts';
import { runCommand, type Ended } from '../cli/run-command.ts';
import { keepBundles } from '../kept-bundles.ts';

export type Change = {
  /** Everything lies below it: `app` is the repository, `harness` the owner's folder. */
  readonly root: string;
  readonly at: (path: string) => string;
  readonly write: (path: string, text: string, mode?: number) => void;
  readonly git: (...args: string[]) => string;
  readonly commit: () => void;
  /** Puts a line for the app into the owner's allowlist. */
  readonly allow: (authority: string, content?: string) => Promise<void>;
  readonly run: (options?: {
    readonly env?: Readonly<Record<string, string>>;
    readonly args?: readonly string[];
    readonly tty?: boolean;
  }) => Promise<Ended & { readonly state: RunState | undefined }>;
  readonly remove: () => Promise<void>;
};

const server = `import { createServer } from 'node:http';
createServer((request, response) => response.end('the app: ' + request.url)).listen(
  Number(process.argv[2]), '127.0.0.1');
`;

const manifest = (more: string): string => `seatrial: 1
app: notes
driver: process
source: { git: ../app }
process:
  start: ['{node}', '{release}/main.mjs', '{port}']
  stop: { graceS: 1 }
timeouts: { settle: 1, deploy: 60, http: 30, hook: 20, overlay: 30 }
${more}`;

export function makeChange(files: Readonly<Record<string, string>>, more = ''): Change {
  const root = fs.mkdtempSync(join(tmpdir(), 'seatrial-change-'));
  const at = (path: string): string => join(root, path);
  const write = (path: string, text: string, mode = 0o644): void => {
    fs.mkdirSync(dirname(at(path)), { recursive: true });
    fs.writeFileSync(at(path), text);
    fs.chmodSync(at(path), mode);
  };
  const env = { PATH: process.env['PATH'] ?? '', HOME: root, SEATRIAL_LOCKS: at('locks') };
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], {
      cwd: at('app'),
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const commit = (): void => {
    git('add', '-A');
    git('commit', '-qm', 'change');
  };
  write('app/main.mjs', server);
  for (const [path, text] of Object.entries(files))
    write(`app/${path}`, text, path.endsWith('.check') ? 0o755 : 0o644);
  write('harness/seatrial.yaml', manifest(more));
  git('init', '-q', '-b', 'main');
  commit();
  const around = { cwd: at('harness'), env };
  return {
    ...{ root, at, write, git, commit },
    allow: async (authority, content) => {
      const { out } = await runCommand(trustDigest, ['notes', '--repository', '../app'], around);
      const digest = content ?? /sha256:[0-9a-f]{64}/.exec(out)?.[0] ?? '';
      write('harness/trust.allow', `notes ${authority} ${digest} mara 2026-11-02 read them\n`);
    },
    run: async ({ env: other = {}, args = [], tty = false } = {}) => {
      const ended = await runCommand(
        run,
        ['--head', 'git:main', '--scenario', 'fresh', '-q', ...args],
        { ...around, tty, env: { ...env, ...other } },
      );
      const found = await openRun(at('harness/.seatrial'), undefined).catch(() => undefined);
      return { ...ended, state: found?.state };
    },
    remove: async () => {
      await keepBundles(at('harness/.seatrial'), root.slice(root.lastIndexOf('/') + 1));
      fs.rmSync(root, { recursive: true, force: true });
    },
  };
}

export const checkOf = (state: RunState | undefined, id: string) =>
  state?.checks.find((check) => check.id === id);

export const notesOf = (state: RunState | undefined, code: string): readonly string[] =>
  (state?.notes ?? []).filter((note) => note.code === code).map(({ message }) => message);
