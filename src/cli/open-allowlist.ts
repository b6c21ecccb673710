// The allowlist that a command line names, for all commands that ask it.

import { realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { decodeSource } from '../diagnostics/source.ts';
import { systemFiles } from '../drivers/files.ts';
import { isLocalRepository } from '../drivers/git/git.ts';
import { readAllowlist, type Allowlist } from '../trust/allowlist.ts';
import { flag, text, UsageError, type Terminal, type Values } from './command.ts';
import { display, openProblemReport } from './load-manifest.ts';

const listMaxBytes = 1024 * 1024;

/** A list inside the repository that it judges would be the change's own approval. */
export async function openAllowlist(values: Values, terminal: Terminal): Promise<Allowlist> {
  const given = text(values, 'trust');
  const path = resolve(terminal.cwd, given ?? 'trust.allow');
  const repository = text(values, 'repository');
  if (repository !== undefined && isLocalRepository(repository))
    refuseInside(path, resolve(terminal.cwd, repository));
  const stat = await systemFiles.stat(path);
  if (stat === undefined && given !== undefined) throw new UsageError(`no allowlist at ${path}`);
  if (stat === undefined) return { grants: new Map(), problems: [] };
  const bytes = await systemFiles.read(path, listMaxBytes);
  const { source } = decodeSource(display(path), bytes);
  const list = readAllowlist(source);
  const report = openProblemReport(terminal, flag(values, 'json'));
  report.add({ source, diagnostics: list.problems });
  report.end();
  return list;
}

function refuseInside(path: string, repository: string): void {
  const real = (file: string): string => {
    try {
      return realpathSync(file);
    } catch {
      return file;
    }
  };
  if (real(path).startsWith(`${real(repository)}${sep}`))
    throw new UsageError(
      'the allowlist lies in the repository that it is about',
      'keep it with the harness, where the change cannot reach it',
    );
}
