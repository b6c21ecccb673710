// The Python that runs checks, and the folders that it and its libraries are made of: it may be installed
// in somebody's home, of which a sandbox shows nothing else.

import { realpathSync } from 'node:fs';
import type { Processes } from '../../ports/processes.ts';

export type Python = { readonly program: string; readonly readOnly: readonly string[] };

/** `-I` would leave out libraries of the user, where pytest may be. */
const question =
  'import json,sys; print(json.dumps([sys.executable, sys.prefix, sys.base_prefix, *sys.path]))';

export async function findPython(
  processes: Processes,
  env: Readonly<Record<string, string>>,
): Promise<Python | undefined> {
  const found = await processes.find('python3');
  if (found === undefined) return undefined;
  const { exitCode, stdout } = await processes.run({
    argv: [found, '-c', question],
    cwd: '/',
    env,
    timeoutMs: 20_000,
    outputLimitBytes: 65_536,
  });
  if (exitCode !== 0) return undefined;
  const [program = '', ...paths] = (JSON.parse(Buffer.from(stdout).toString('utf8')) as string[])
    .map(realPath)
    .filter((path) => path !== '');
  const folders = paths.filter((path) => isLibrary(path, env['HOME']) && !path.endsWith('.zip'));
  return { program, readOnly: outermost(folders) };
}

function realPath(path: string): string {
  try {
    return path === '' ? '' : realpathSync(path);
  } catch {
    return '';
  }
}

/** Not `/`, not a home, and nothing that is shown anyway. */
const isLibrary = (path: string, home: string | undefined): boolean =>
  path.split('/').length > 3 && !path.startsWith('/usr/') && path !== home;

const outermost = (paths: readonly string[]): readonly string[] => {
  const sorted = [...new Set(paths)].sort();
  return sorted.filter(
    (path) => !sorted.some((other) => other !== path && path.startsWith(`${other}/`)),
  );
};
