// Makes the reference recipes as repositories: two releases each, one with a lightweight tag and one with
// an annotated one, a pull request, and a branch for every planted fault. The folders beside this file
// hold the newest release; everything else is told as a change of it. Equal sources give equal commits.
//
//   node reference/make.mjs [folder]     default: repositories/ beside this file

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recipes } from './versions.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(process.argv[2] ?? join(here, 'repositories'));
const author = 'Reference <reference@example.org>';
const firstSecond = 1_700_000_000;

function treeOf(folder, below = '') {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? treeOf(folder, path) : [[path, readFileSync(join(folder, path))]];
  });
}

/** `[file, from, to]` replaces a part that must be there; `[file, text]` writes a file, null removes it. */
function changed(tree, changes) {
  const files = new Map(tree);
  for (const [file, from, to] of changes) {
    if (from === null) files.delete(file);
    else if (to === undefined) files.set(file, Buffer.from(from));
    else {
      const text = files.get(file)?.toString() ?? '';
      if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`);
      files.set(file, Buffer.from(text.replace(from, () => to)));
    }
  }
  return [...files];
}

/** The stream that git fast-import reads. */
function streamOf({ older, change, faults = {} }, newest) {
  const parts = [];
  let mark = 0;
  const data = (bytes) => parts.push(`data ${bytes.length}\n`, bytes, '\n');
  const commit = (ref, message, tree, parent) => {
    mark += 1;
    const at = `${author} ${firstSecond + mark * 60} +0000`;
    parts.push(`commit ${ref}\nmark :${mark}\nauthor ${at}\ncommitter ${at}\n`);
    data(Buffer.from(message));
    if (parent !== undefined) parts.push(`from :${parent}\n`);
    parts.push('deleteall\n');
    for (const [path, bytes] of tree) {
      parts.push(`M 100644 inline ${JSON.stringify(path)}\n`);
      data(bytes);
    }
    return mark;
  };
  const tag = (name, of, message) => {
    parts.push(`tag ${name}\nfrom :${of}\ntagger ${author} ${firstSecond + 86_400} +0000\n`);
    data(Buffer.from(message));
  };
  const first = commit('refs/heads/main', `Release ${older.tag}`, changed(newest, older.changes));
  parts.push(`reset refs/tags/${older.tag}\nfrom :${first}\n\n`);
  const second = commit('refs/heads/main', `Release ${older.next}`, newest, first);
  tag(older.next, second, `Release ${older.next}\n`);
  commit('refs/pull/7/head', 'A change', changed(newest, change), second);
  for (const [name, { changes, from }] of Object.entries(faults))
    commit(
      `refs/heads/fault/${name}`,
      name,
      changed(newest, changes),
      from === 'older' ? first : second,
    );
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

/** Whoever the repository belongs to: a pack may be installed for all users of a host. */
const git = (repository, args, input) =>
  spawnSync('git', ['-c', `safe.directory=${repository}`, '-C', repository, ...args], {
    env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
    encoding: 'utf8',
    input,
  });

/** What every branch and tag is, by commit; undefined where an object is not what its name says. */
function refsOf(repository) {
  if (git(repository, ['fsck', '--full', '--no-dangling']).status !== 0) return undefined;
  const head = git(repository, ['symbolic-ref', 'HEAD']).stdout;
  return `${head}${git(repository, ['for-each-ref']).stdout}`;
}

/** Made each time, and kept only where it is another: somebody may have committed to it by hand. */
function make(name, beside) {
  const repository = join(target, `${name}.git`);
  const fresh = join(beside, name);
  mkdirSync(fresh);
  git(fresh, ['init', '--quiet', '--bare', '--template=', '--initial-branch=main']);
  const stream = streamOf(recipes[name], treeOf(join(here, name)));
  const { status, stderr } = git(fresh, ['fast-import', '--quiet'], stream);
  const wanted = refsOf(fresh);
  if (status !== 0 || wanted === undefined) throw new Error(`git cannot make ${name}: ${stderr}`);
  if (existsSync(repository) && refsOf(repository) === wanted) return;
  const near = join(target, `${name}.${String(process.pid)}`);
  mkdirSync(target, { recursive: true });
  cpSync(fresh, near, { recursive: true });
  rmSync(repository, { recursive: true, force: true });
  renameSync(near, repository);
}

const beside = mkdtempSync(join(tmpdir(), 'seatrial-made-'));
try {
  for (const name of Object.keys(recipes)) make(name, beside);
} finally {
  rmSync(beside, { recursive: true });
}
