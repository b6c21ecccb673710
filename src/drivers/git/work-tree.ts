// What a checked-out repository says of itself: its commit, and what was changed since another one.
// And small repositories made for a gate.

import { join } from 'node:path';
import { WorldError } from '../../ports/world-error.ts';
import type { ChangedFile, WorkTrees } from '../../ports/work-tree.ts';
import type { Files } from '../../ports/files.ts';
import { gitError, makeGitCommand, type GitSettings } from './git-command.ts';

type Ask = (folder: string, what: string, args: readonly string[]) => Promise<string>;

/** Of commits that are made here: nobody's, and of no time, so that equal trees are equal commits. */
const madeBy = {
  GIT_AUTHOR_NAME: 'Seatrial',
  GIT_AUTHOR_EMAIL: 'seatrial@localhost',
  GIT_AUTHOR_DATE: '2000-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Seatrial',
  GIT_COMMITTER_EMAIL: 'seatrial@localhost',
  GIT_COMMITTER_DATE: '2000-01-01T00:00:00Z',
};

export function makeWorkTrees(settings: GitSettings & { readonly files: Files }): WorkTrees {
  const git = makeGitCommand(settings);
  const ask: Ask = async (folder, what, args) => {
    // `-C` and no repository: the folder may be any below the top of the work tree.
    const result = await git({
      args: ['-c', 'safe.directory=*', '-C', folder, ...args],
      env: madeBy,
      // Between folders of this host only, which are all that is ever named.
      network: args[0] === 'clone',
    });
    if (result.exitCode !== 0) throw gitError(what, result);
    return Buffer.from(result.stdout).toString('utf8');
  };
  return {
    head: async (folder) => {
      const [commit = '', author = ''] = (
        await ask(folder, 'find the commit', ['log', '-1', '--format=%H%n%an <%ae>'])
      ).split('\n');
      const dirty = await ask(folder, 'compare the work tree', ['status', '--porcelain', '-z']);
      return { commit, author, dirty: dirty !== '' };
    },
    mergeBase: async (folder, branch) => {
      if (/^-|[\u0000-\u0020\u007f]/.test(branch))
        throw new WorldError('refused', `Not a safe branch name: ${JSON.stringify(branch)}.`);
      return (
        await ask(folder, `find the merge base with ${branch}`, ['merge-base', 'HEAD', branch])
      ).trim();
    },
    changes: async (folder, from) => {
      if (!/^[0-9a-f]{40,64}$/.test(from))
        throw new WorldError('refused', `Not a commit id: ${JSON.stringify(from)}.`);
      const names = await ask(folder, 'list changes', [
        ...['diff', '--relative', '--name-status', '--no-renames', '-z', from],
      ]);
      const tracked = parseNames(names);
      const lines = parseLines(
        await ask(folder, 'read changes', [
          ...['-c', 'core.quotePath=false', 'diff', '--relative', '--no-renames', '--no-color'],
          ...['--no-ext-diff', '--no-textconv'],
          ...['--unified=0', '--src-prefix=a/', '--dst-prefix=b/', from],
        ]),
      );
      const untracked = (
        await ask(folder, 'list untracked files', [
          ...['ls-files', '--others', '--exclude-standard', '-z'],
        ])
      )
        .split('\0')
        .filter(Boolean);
      return [
        ...tracked.map((file): ChangedFile => ({ ...file, lines: lines.get(file.path) ?? [] })),
        ...(await Promise.all(untracked.map((path) => wholeFile(settings.files, folder, path)))),
      ].sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    checkOut: async (folder, commit, to) => {
      const top = (await ask(folder, 'find the top', ['rev-parse', '--show-toplevel'])).trim();
      const below = (await ask(folder, 'find the folder', ['rev-parse', '--show-prefix'])).trim();
      const clone = ['clone', '--quiet', '--shared', '--no-checkout', '--', top, to];
      await ask(folder, 'copy the repository', clone);
      await ask(to, `check out ${commit}`, ['checkout', '--quiet', '--detach', commit]);
      return join(to, below);
    },
    make: (folder, trees) => makeRepository(folder, trees, { ask, files: settings.files }),
  };
}

async function makeRepository(
  folder: string,
  trees: readonly string[],
  { ask, files }: { readonly ask: Ask; readonly files: Files },
): Promise<void> {
  await files.makeDirectory(folder, 0o755);
  await ask(folder, 'make a repository', ['init', '--quiet', '--initial-branch=main']);
  for (const [index, tree] of trees.entries()) {
    if (index === 1) await ask(folder, 'branch off', ['switch', '--quiet', '--create', 'work']);
    for (const { name } of await files.list(folder))
      if (name !== '.git') await files.remove(join(folder, name));
    for (const { name } of await files.list(tree))
      await files.copyTree(join(tree, name), join(folder, name));
    await ask(folder, 'add the files', ['add', '--all', '--force']);
    const message = `Commit ${String(index + 1)}`;
    await ask(folder, 'commit', ['commit', '--quiet', '--allow-empty', '--message', message]);
  }
}

function parseNames(text: string): readonly Pick<ChangedFile, 'path' | 'status'>[] {
  const fields = text.split('\0').filter(Boolean);
  const statuses: Readonly<Record<string, ChangedFile['status']>> = { A: 'added', D: 'deleted' };
  return Array.from({ length: Math.floor(fields.length / 2) }, (_, index) => ({
    status: statuses[fields[2 * index] ?? ''] ?? 'modified',
    path: fields[2 * index + 1] ?? '',
  }));
}

/** New line numbers by file, from hunk headers of a diff without context. */
function parseLines(diff: string): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  let lines: number[] = [];
  let left = 0;
  for (const line of diff.split('\n')) {
    // Inside a hunk a line may look like a header, and a mark of a missing line end is no line.
    if (left > 0) {
      left -= line.startsWith('\\') ? 0 : 1;
      continue;
    }
    const file = /^\+\+\+ b\/(.*?)\t?$/u.exec(line)?.[1];
    if (file !== undefined) found.set(file, (lines = []));
    const hunk = hunkOf(line);
    for (let at = 0; at < hunk.count; at += 1) lines.push(hunk.start + at);
    left = hunk.gone + hunk.count;
  }
  return found;
}

const hunkForm = /^@@ -\d+(?:,(?<gone>\d+))? \+(?<start>\d+)(?:,(?<count>\d+))? @@/u;

function hunkOf(line: string): {
  readonly gone: number;
  readonly start: number;
  readonly count: number;
} {
  const groups = hunkForm.exec(line)?.groups;
  if (groups === undefined) return { gone: 0, start: 0, count: 0 };
  return {
    gone: Number(groups['gone'] ?? 1),
    start: Number(groups['start']),
    count: Number(groups['count'] ?? 1),
  };
}

const untrackedMaxBytes = 8 * 1024 * 1024;

async function wholeFile(files: Files, folder: string, path: string): Promise<ChangedFile> {
  const file = join(folder, path);
  const stat = await files.stat(file);
  const readable = stat?.kind === 'file' && stat.sizeBytes <= untrackedMaxBytes;
  const text = readable ? await files.readText(file) : '';
  const count = text === '' ? 0 : text.replace(/\n$/u, '').split('\n').length;
  return { path, status: 'added', lines: Array.from({ length: count }, (_, index) => index + 1) };
}
