// `trust digest` and `trust check` from their arguments to their exit codes.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { decodeSource } from '../diagnostics/source.ts';
import { systemFiles } from '../drivers/files.ts';
import { isLocalRepository, makeGit } from '../drivers/git/git.ts';
import { readAllowlist, type Allowlist } from '../trust/allowlist.ts';
import { decideTrust, type Decision } from '../trust/decide.ts';
import { scopeDigest, scopeOf, type ScopeEntry } from '../trust/scope.ts';
import { flag, text, UsageError, type Input, type Terminal, type Values } from './command.ts';
import { exit } from './exit-codes.ts';
import { display, openProblemReport } from './load-manifest.ts';
import { makeSystem } from './world.ts';

const listMaxBytes = 1024 * 1024;

export async function runTrustDigest({ args, values }: Input, terminal: Terminal): Promise<number> {
  const [app = ''] = args;
  const { commit, entries } = await readScope(values, terminal);
  const digest = scopeDigest(entries);
  const files = entries.map(({ path }) => path);
  if (flag(values, 'json')) terminal.out(`${JSON.stringify({ app, commit, digest, files })}\n`);
  else {
    const date = new Date().toISOString().slice(0, 10);
    const line = `${app}  approved  sha256:${digest}  <your-name>  ${date}  <what you read>`;
    const read = files.length === 0 ? ['  nothing'] : files.map((path) => `  ${path}`);
    terminal.out(`${line}\n\nat ${commit}, to be read:\n${read.join('\n')}\n`);
  }
  return exit.passed;
}

export async function runTrustCheck({ args, values }: Input, terminal: Terminal): Promise<number> {
  const [app] = args;
  const list = await openAllowlist(values, terminal);
  if (app === undefined) {
    const count = String(list.grants.size);
    terminal.out(
      flag(values, 'json')
        ? `${JSON.stringify({ grants: [...list.grants.values()] })}\n`
        : `${count} ${count === '1' ? 'app has' : 'apps have'} a line; all others are denied\n`,
    );
    return exit.passed;
  }
  const { commit, entries } = await readScope(values, terminal);
  const decision = decideTrust(app, entries, list);
  terminal.out(
    flag(values, 'json')
      ? `${JSON.stringify({ app, commit, ...decision })}\n`
      : renderDecision(app, decision),
  );
  return decision.authority === 'denied' ? exit.failed : exit.passed;
}

function renderDecision(
  app: string,
  { authority, digest, grant, reason, found }: Decision,
): string {
  const why =
    reason === 'content-differs'
      ? `its line is for sha256:${grant?.content ?? ''},\nthe repository holds sha256:${digest}`
      : 'no line names it';
  const files = found.map(({ path, kind }) => `  ${kind.padEnd(14)}${path}`);
  const told = authority === 'denied' ? 'found and not run' : `granted ${authority}`;
  return [
    authority === 'denied' ? `${app} is denied: ${why}` : `${app} is ${authority}`,
    ...(files.length === 0 ? [] : [`${String(files.length)} ${told}:`, ...files]),
    '',
  ].join('\n');
}

/** A list inside the repository that it judges would be the change's own approval. */
async function openAllowlist(values: Values, terminal: Terminal): Promise<Allowlist> {
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

async function readScope(
  values: Values,
  terminal: Terminal,
): Promise<{ readonly commit: string; readonly entries: readonly ScopeEntry[] }> {
  const given = text(values, 'repository') ?? '.';
  const repository = isLocalRepository(given) ? resolve(terminal.cwd, given) : given;
  const work = mkdtempSync(join(tmpdir(), 'seatrial-trust-'));
  try {
    const system = makeSystem(terminal);
    const git = makeGit({ ...system, env: terminal.env, cacheFolder: join(work, 'cache') });
    const commit = await git.resolve(repository, text(values, 'head') ?? 'HEAD');
    const tree = join(work, 'tree');
    await git.exportTree(repository, commit, tree);
    return { commit, entries: scopeOf(await systemFiles.listing(tree)) };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
