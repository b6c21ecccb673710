// What `init` looks at in a folder or a published package.

import { basename } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import type { AppFolder } from '../scenario/guess-folder.ts';
import { UsageError, type Terminal } from './command.ts';
import { makeSystem } from './world.ts';

const packageMaxBytes = 1024 * 1024;
const commandLimits = { timeoutMs: 60_000, outputLimitBytes: 4 * 1024 * 1024 };

export async function describeFolder(folder: string, terminal: Terminal): Promise<AppFolder> {
  const stat = await systemFiles.stat(folder);
  if (stat?.kind !== 'directory') throw new UsageError(`${folder} is not a folder`);
  const files = (await systemFiles.list(folder))
    .filter(({ kind }) => kind === 'file')
    .map(({ name }) => name)
    .sort();
  const packageJson = files.includes('package.json')
    ? parse(await systemFiles.readText(`${folder}/package.json`, packageMaxBytes), folder)
    : undefined;
  const tags = await gitLines(folder, ['tag', '--list'], terminal);
  const [remote] = (await gitLines(folder, ['remote', 'get-url', 'origin'], terminal)) ?? [];
  return {
    name: basename(folder),
    files,
    ...(packageJson === undefined ? {} : { packageJson }),
    ...(tags === undefined ? {} : { tags }),
    ...(remote === undefined ? {} : { remote }),
  };
}

function parse(content: string, folder: string): Json {
  try {
    return JSON.parse(content) as Json;
  } catch {
    throw new UsageError(`${folder}/package.json is not JSON`);
  }
}

async function gitLines(
  folder: string,
  args: readonly string[],
  terminal: Terminal,
): Promise<readonly string[] | undefined> {
  const { processes } = makeSystem(terminal);
  try {
    const { exitCode, stdout } = await processes.run({
      argv: ['git', '-C', folder, ...args],
      cwd: folder,
      env: {
        PATH: terminal.env['PATH'] ?? '',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
      },
      ...commandLimits,
    });
    const lines = new TextDecoder()
      .decode(stdout)
      .split('\n')
      .filter((line) => line !== '');
    return exitCode === 0 ? lines : undefined;
  } catch (error) {
    if (error instanceof WorldError) return undefined;
    throw error;
  }
}

/** A published package, as `npm view` describes it. */
export async function describePackage(name: string, terminal: Terminal): Promise<AppFolder> {
  const { processes } = makeSystem(terminal);
  const env: Record<string, string> = {};
  for (const [key, value] of Object.entries(terminal.env))
    if (value !== undefined && /^(PATH|HOME|.*_proxy|npm_config_.*)$/i.test(key)) env[key] = value;
  const { exitCode, stdout, stderr } = await processes.run({
    argv: ['npm', 'view', name, '--json'],
    cwd: terminal.cwd,
    env,
    ...commandLimits,
  });
  if (exitCode !== 0)
    throw new WorldError('not-found', `npm knows no package ${name}`, {
      hint: new TextDecoder().decode(stderr).trim().split('\n').at(-1) ?? '',
    });
  const viewed = JSON.parse(new TextDecoder().decode(stdout)) as JsonObject;
  return { name, files: ['package.json'], packageJson: viewed };
}
