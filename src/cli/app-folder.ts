// What `init` looks at in a folder or a published package.

import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { parsePackageRef } from '../drivers/releases/npm.ts';
import { parseJson, quickRetries, runNpm } from '../drivers/releases/npm-command.ts';
import type { Json } from '../ports/json.ts';
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

/**
 * A published package, as `npm view` describes it: its name, or with `@` and a version or tag. Throws
 * `refused` for what is no package name, `not-found`, `network` and the like for what npm says.
 */
export async function describePackage(spec: string, terminal: Terminal): Promise<AppFolder> {
  const { processes } = makeSystem(terminal);
  const { name, wanted } = parsePackageRef(spec, undefined);
  const viewed = parseJson(
    await runNpm(
      { processes, env: terminal.env },
      {
        args: ['view', `${name}@${wanted}`, '--json', ...quickRetries],
        what: `look up ${spec}`,
        cwd: tmpdir(),
        timeoutMs: commandLimits.timeoutMs,
      },
    ),
  ) as Json | undefined;
  if (viewed === undefined) throw new WorldError('not-found', `The registry knows no ${spec}.`);
  return { name, files: ['package.json'], packageJson: viewed, published: true };
}
