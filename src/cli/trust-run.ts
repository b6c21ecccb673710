// `trust digest` and `trust check` from their arguments to their exit codes.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { isLocalRepository, makeGit } from '../drivers/git/git.ts';
import { decideTrust, type Decision } from '../trust/decide.ts';
import { scopeDigest, scopeOf, type ScopeEntry } from '../trust/scope.ts';
import { flag, text, type Input, type Terminal, type Values } from './command.ts';
import { exit } from './exit-codes.ts';
import { openAllowlist } from './open-allowlist.ts';
import { makeSystem } from './world.ts';

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
