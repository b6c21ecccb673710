// The allowlist that a command line names, for all commands that ask it.

import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { decodeSource } from '../diagnostics/source.ts';
import { systemFiles } from '../drivers/files.ts';
import { isLocalRepository } from '../drivers/git/git.ts';
import type { Manifest } from '../scenario/manifest.ts';
import { readAllowlist, type Allowlist } from '../trust/allowlist.ts';
import { flag, text, UsageError, type Terminal, type Values } from './command.ts';
import { display, openProblemReport } from './load-manifest.ts';
import type { RunInputs } from './run-options.ts';

const listMaxBytes = 1024 * 1024;

/** The allowlist that `--trust` names, else `trust.allow` where the caller stands. */
export function openAllowlist(values: Values, terminal: Terminal): Promise<Allowlist> {
  const given = text(values, 'trust');
  const repository = text(values, 'repository');
  return readAllowlistFile(terminal, {
    path: resolve(terminal.cwd, given ?? 'trust.allow'),
    given: given !== undefined,
    json: flag(values, 'json'),
    ...(repository === undefined || !isLocalRepository(repository)
      ? {}
      : { repository: resolve(terminal.cwd, repository) }),
  });
}

/** The allowlist for a run of a manifest. */
export function allowlistFor(
  { trust, folder }: RunInputs,
  { source: { git } }: Manifest,
  { terminal, json }: { readonly terminal: Terminal; readonly json: boolean },
): Promise<Allowlist> {
  return readAllowlistFile(terminal, {
    ...{ path: trust ?? ownList(folder), given: trust !== undefined, json },
    ...(git !== undefined && isLocalRepository(git) ? { repository: resolve(folder, git) } : {}),
  });
}

/** Beside the manifest, or one list for all apps of a pack. */
function ownList(folder: string): string {
  const own = join(folder, 'trust.allow');
  const ofPack = join(folder, '../../trust.allow');
  return basename(dirname(folder)) === 'apps' && !existsSync(own) ? ofPack : own;
}

/** A list inside the repository that it judges would be the change's own approval. */
async function readAllowlistFile(
  terminal: Terminal,
  {
    path,
    given,
    json,
    repository,
  }: {
    readonly path: string;
    readonly given: boolean;
    readonly json: boolean;
    /** Folder of the repository that it is about. */
    readonly repository?: string;
  },
): Promise<Allowlist> {
  const stat = await systemFiles.stat(path);
  if (stat === undefined && given) throw new UsageError(`no allowlist at ${path}`);
  if (stat === undefined) return { grants: new Map(), problems: [] };
  if (repository !== undefined) refuseInside(path, repository);
  const bytes = await systemFiles.read(path, listMaxBytes);
  const { source } = decodeSource(display(path), bytes);
  const list = readAllowlist(source);
  const report = openProblemReport(terminal, json);
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
