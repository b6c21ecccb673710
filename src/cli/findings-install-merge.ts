// Tells git to merge files of findings by `findings merge`. The attributes belong to the repository and
// are committed; the driver is a setting of each clone, which git takes from no file of the repository.

import { systemFiles } from '../drivers/files.ts';
import { systemProcesses } from '../drivers/process/run.ts';
import { text, UsageError, type Terminal, type Values } from './command.ts';
import { asInput } from './findings-files.ts';
import { defaults } from './findings-options.ts';

const driver = 'seatrial-findings';
const merged: readonly string[] = [
  defaults.suppressions,
  defaults.list,
  defaults.baseline,
  `${defaults.history}/trends.json`,
];
const gitTimeoutMs = 30_000;
const gitOutputBytes = 1 << 16;

export async function installMerge(values: Values, terminal: Terminal): Promise<number> {
  const program = text(values, 'program') ?? 'seatrial';
  const top = (await git(['rev-parse', '--show-toplevel'], terminal)).trimEnd();
  const command = `${program} findings merge %O %A %B --path %P`;
  await git(['config', '--local', `merge.${driver}.name`, 'findings of Seatrial'], terminal);
  await git(['config', '--local', `merge.${driver}.driver`, command], terminal);
  const more = text(values, 'path');
  const names = more === undefined ? merged : [...merged, more];
  const added = await addAttributes(`${top}/.gitattributes`, names);
  terminal.out(`git merges by: ${command}\n`);
  for (const line of added) terminal.out(`added to .gitattributes: ${line}\n`);
  if (added.length > 0)
    terminal.out('commit .gitattributes; every clone needs this command once\n');
  return 0;
}

/** Lines that are there for a file stay, whatever they say. */
async function addAttributes(path: string, names: readonly string[]): Promise<readonly string[]> {
  const stat = await asInput(() => systemFiles.stat(path));
  const before = stat === undefined ? '' : await asInput(() => systemFiles.readText(path));
  const named = new Set(before.split('\n').map((line) => line.trim().split(/\s+/)[0]));
  const lines = names
    .filter((name) => !named.has(name) && !named.has(`/${name}`))
    .map((name) => `${name} merge=${driver}`);
  if (lines.length === 0) return [];
  const separator = before === '' || before.endsWith('\n') ? '' : '\n';
  const after = `${before}${separator}${lines.join('\n')}\n`;
  await asInput(() => systemFiles.replace(path, after, 0o644));
  return lines;
}

async function git(
  args: readonly string[],
  { cwd, env, signal }: Pick<Terminal, 'cwd' | 'env' | 'signal'>,
): Promise<string> {
  const { PATH = '', HOME = '' } = env;
  const { exitCode, stdout, stderr } = await asInput(() =>
    systemProcesses.run({
      argv: ['git', ...args],
      ...{ cwd, signal, env: { PATH, HOME, LC_ALL: 'C' } },
      ...{ timeoutMs: gitTimeoutMs, outputLimitBytes: gitOutputBytes },
    }),
  );
  const [told, why] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (exitCode !== 0) throw new UsageError(`git ${args[0] ?? ''}: ${why?.trim() ?? ''}`);
  return told ?? '';
}
