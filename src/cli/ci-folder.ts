// An existing recipe CI folder: read, imported, and written where a run or a person finds it.

import { basename, dirname, join, resolve } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { isLocalRepository } from '../drivers/git/git.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import { importCiFolder, type ImportedFolder } from '../scenario/ci-folder.ts';
import { appName } from '../scenario/manifest-schema.ts';
import { readRunInputs, type RunInputs } from './run-options.ts';
import { storeOf } from './store.ts';
import { flag, text, UsageError, type Terminal, type Values } from './command.ts';

const limits = { files: 500, bytes: 16 * 1024 * 1024, depth: 8 };
const leftOut = ['.git', '__pycache__', '.pytest_cache', 'node_modules'];

/** `recipe`: folder or URL of its repository. */
export async function importFrom(
  folder: string,
  recipe: string,
  { values, terminal }: { readonly values: Values; readonly terminal: Terminal },
): Promise<ImportedFolder> {
  const root = resolve(terminal.cwd, folder);
  if ((await systemFiles.stat(root))?.kind !== 'directory')
    throw new UsageError(`${root} is not a folder`);
  const app = basename(root);
  if (!appName.safeParse(app).success)
    throw new UsageError(`${app} is no name of an app`, 'a CI folder is named after its recipe');
  const files = await readTree(root);
  if (
    ![...files.keys()].some((path) =>
      /^(?:recipe_meta\.py|install_steps\.sh|(?:.*\/)?test_.*\.py)$/.test(path),
    )
  )
    throw new UsageError(
      `${root} is no recipe CI folder`,
      'it holds recipe_meta.py, install_steps.sh or test_<operation>.py',
    );
  const approved = await approvedNames(root);
  return importCiFolder({
    ...{ app, files },
    git: isLocalRepository(recipe) ? resolve(terminal.cwd, recipe) : recipe,
    driver: text(values, 'driver') ?? 'swarm',
    localImages: flag(values, 'local-images'),
    ...(approved === undefined ? {} : { approved }),
  });
}

async function readTree(root: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  let bytes = 0;
  const visit = async (below: string, depth: number): Promise<void> => {
    if (depth > limits.depth) throw new UsageError(`${join(root, below)} lies too deep`);
    for (const { name, kind } of await systemFiles.list(join(root, below))) {
      const path = `${below}${name}`;
      if (leftOut.includes(name)) continue;
      if (kind === 'directory') await visit(`${path}/`, depth + 1);
      else if (kind !== 'file') throw new UsageError(`${join(root, path)} is no plain file`);
      else {
        const content = await systemFiles.read(join(root, path), limits.bytes);
        files.set(path, content);
        bytes += content.length;
      }
      if (files.size > limits.files || bytes > limits.bytes)
        throw new UsageError(`${root} holds more than 500 files or 16 MiB`);
    }
  };
  await visit('', 0);
  return files;
}

/** The list of the harness that the folder comes from lies beside the folders of all recipes. */
async function approvedNames(root: string): Promise<string | undefined> {
  const path = join(dirname(root), 'repo-local-approved.txt');
  const stat = await systemFiles.stat(path);
  return stat?.kind === 'file' ? systemFiles.readText(path, limits.bytes) : undefined;
}

/** Writes into a folder that does not exist yet, or is empty. */
export async function writeImported({ files }: ImportedFolder, to: string): Promise<void> {
  const stat = await systemFiles.stat(to);
  if (stat !== undefined && (await systemFiles.list(to)).length > 0)
    throw new UsageError(`${to} is not empty`, 'name another folder with --out');
  for (const [path, bytes] of files) {
    await systemFiles.makeDirectory(dirname(join(to, path)));
    await systemFiles.replace(join(to, path), bytes);
  }
}

/** Where a run keeps what it imported: by content, and written anew each time. */
async function keepImported(imported: ImportedFolder, store: string): Promise<string> {
  const digest = sha256Hex(
    [...imported.files].map(([path, bytes]) => `${path}\0${sha256Hex(bytes)}\n`).join(''),
  );
  const to = join(store, 'cache', 'ci-folders', digest.slice(0, 32));
  await systemFiles.remove(to);
  await writeImported(imported, to);
  return join(to, 'seatrial.yaml');
}

/** Inputs of `run` and `plan`, with `--ci-folder` in place of a manifest. */
export async function inputsOf(
  values: Values,
  terminal: Terminal,
  args: readonly string[],
): Promise<RunInputs> {
  const folder = text(values, 'ci-folder');
  if (folder === undefined) return readRunInputs(values, terminal, args);
  const [recipe] = args;
  if (recipe === undefined || text(values, 'manifest') !== undefined)
    throw new UsageError('--ci-folder stands in place of a manifest', 'name the RECIPE it is for');
  const imported = await importFrom(folder, recipe, { values, terminal });
  for (const note of imported.notes) terminal.err(`seatrial: not carried over: ${note}\n`);
  const store = resolve(terminal.cwd, storeOf(values, terminal));
  const stages = terminal.env['STAGES'];
  return readRunInputs(
    {
      ...values,
      manifest: await keepImported(imported, store),
      ...(text(values, 'ops') !== undefined || stages === undefined ? {} : { ops: stages }),
    },
    terminal,
  );
}
