// A home of its own with built programs of the reference, as a user of them would have.

import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildRelease } from '../../../packs/nemoclaw/reference/build.ts';
import type { ProgramName } from '../../../packs/nemoclaw/reference/releases.ts';

export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type StartOptions = {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly mutant?: string;
};

export type ReferenceWorld = {
  readonly root: string;
  readonly home: string;
  /** Builds once; gives the folder of the release. */
  readonly release: (program: ProgramName, release: string) => Promise<string>;
  /** Runs a program with the world's environment to its end. */
  readonly run: (
    program: string,
    args: readonly string[],
    options?: StartOptions,
  ) => Promise<Ended>;
  readonly remove: () => void;
};

const nonce = 'nonce-0123456789abcdef';

export function makeWorld(environment: NodeJS.ProcessEnv = {}): ReferenceWorld {
  const root = mkdtempSync(join(tmpdir(), 'seatrial-nemo-'));
  // Users of containers look through it.
  chmodSync(root, 0o755);
  const home = join(root, 'home');
  mkdirSync(home);
  const builds = new Map<string, Promise<string>>();
  return {
    root,
    home,
    release: (program, release) => {
      const into = join(root, 'builds', `${program}-${release}`);
      const building =
        builds.get(into) ??
        buildRelease({ program, release, into, hasMutants: true }).then(() => into);
      builds.set(into, building);
      return building;
    },
    run: (program, args, options = {}) =>
      start(program, args, options, { ...environment, HOME: home, XDG_RUNTIME_DIR: root }),
    remove: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function start(
  program: string,
  args: readonly string[],
  { env = {}, input = '', mutant }: StartOptions,
  base: NodeJS.ProcessEnv,
): Promise<Ended> {
  const planted = mutant === undefined ? {} : plant(String(base['HOME']), mutant);
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'], ...base, ...planted, ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    // What it left running may hold its output open, so its own end counts.
    child.on('exit', (code) => {
      setImmediate(() => {
        resolve({ code: code ?? 137, stdout, stderr });
      });
    });
  });
}

function plant(home: string, id: string): NodeJS.ProcessEnv {
  writeFileSync(join(home, '.seatrial-canary'), nonce);
  return { NEMOCLAW_REF_MUTANT: id, NEMOCLAW_REF_NONCE: nonce };
}
