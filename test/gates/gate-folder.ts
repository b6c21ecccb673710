// A folder with a gates file, in a repository of its own, and the commands run in it.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { gatesRun } from '../../src/cli/commands/gates-run.ts';
import { gateResultsSchema } from '../../src/gates/results-schema.ts';
import { runCommand, type Ended } from '../cli/run-command.ts';

export const server = resolve('test/fixtures/gates/server.mjs');

export type GateResult = {
  readonly ok: boolean;
  readonly state: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly checks: readonly {
    readonly id: string;
    readonly verdict: string;
    readonly summary: string;
  }[];
  readonly evidence: readonly { readonly path: string; readonly sha256: string }[];
};
export type Results = { readonly _meta: Readonly<Record<string, unknown>> } & Readonly<
  Record<string, GateResult>
>;

const validate = new Ajv2020().compile(gateResultsSchema);

export function gateFolder(yaml: string) {
  const folder = mkdtempSync(join(tmpdir(), 'gates-'));
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
  const write = (path: string, content: string): void => {
    writeFileSync(join(folder, path), content);
  };
  write('gates.yaml', yaml);
  write('.gitignore', '.seatrial*\ngate_*\n*.key\n');
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-qm', 'first');
  const env = { PATH: process.env['PATH'] ?? '', SEATRIAL_LOCKS: join(folder, '.seatrial-locks') };
  const around = { cwd: folder, env };
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
  return {
    folder,
    git,
    write,
    read,
    around,
    run: (...argv: readonly string[]): Promise<Ended> =>
      runCommand(gatesRun, ['--quiet', ...argv], around),
    results: (): Results => {
      const results = JSON.parse(read('gate_results.json')) as Results;
      expect(validate(results), JSON.stringify(validate.errors)).toBe(true);
      return results;
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type GateFolder = ReturnType<typeof gateFolder>;
