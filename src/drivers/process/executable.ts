// Which file runs when a command is started, and how its argument list looks from outside: scripts are
// run by their interpreter, and `env` becomes the program it finds.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants, open, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

import type { Argv } from './settings.ts';

type Executable = {
  /** The binary that the kernel loads in the end; undefined when there is none. */
  readonly path: string | undefined;
  /** The argument lists under which the process may be seen, the given one first. */
  readonly seenAs: readonly (readonly string[])[];
};

/** The kernel follows four interpreters, `env` adds one. */
const interpretersMax = 5;
const shebangMaxBytes = 256;

export async function resolveExecutable(
  argv: Argv,
  options: { readonly cwd: string; readonly path: string },
): Promise<Executable> {
  const seenAs: string[][] = [[...argv]];
  let current: readonly string[] = argv;
  for (let depth = 0; depth <= interpretersMax; depth += 1) {
    const program = await findProgram(current[0] ?? '', options);
    if (program === undefined) return { path: undefined, seenAs };
    const shebang = await readShebang(program);
    if (shebang === undefined) return { path: await realpath(program), seenAs };
    const next = [...shebang, program, ...current.slice(1)];
    seenAs.push(next);
    current = next;
    const words = envWords(shebang);
    if (words === undefined) continue;
    current = [...words, program, ...next.slice(shebang.length + 1)];
    seenAs.push([...current]);
  }
  return { path: undefined, seenAs };
}

/** `#!/usr/bin/env -S node --flag` runs node; undefined when the interpreter is not `env`. */
function envWords(shebang: readonly string[]): readonly string[] | undefined {
  if (!(shebang[0] ?? '').endsWith('/env') || shebang[1] === undefined) return undefined;
  const words = shebang[1].replace(/^(-S|--split-string=?)\s*/, '').split(/\s+/);
  return words.every((word) => word !== '' && !/[=-]/.test(word[0] ?? '')) ? words : words.slice(0);
}

async function findProgram(
  program: string,
  { cwd, path }: { readonly cwd: string; readonly path: string },
): Promise<string | undefined> {
  const candidates = program.includes('/')
    ? [isAbsolute(program) ? program : join(cwd, program)]
    : path.split(':').map((folder) => join(folder, program));
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Interpreter and at most one argument, as the kernel reads them; undefined for a binary. */
async function readShebang(path: string): Promise<readonly string[] | undefined> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(shebangMaxBytes),
      0,
      shebangMaxBytes,
    );
    const line = buffer.subarray(0, bytesRead).toString('latin1').split('\n')[0] ?? '';
    const match = /^#![ \t]*(\S+)[ \t]*(.*?)[ \t\r]*$/.exec(line);
    if (match === null) return undefined;
    return [match[1] ?? '', ...(match[2] === undefined || match[2] === '' ? [] : [match[2]])];
  } finally {
    await handle.close();
  }
}

/** Digests files and remembers them by inode, size and times: a program of 100 MB is asked for after each operation. */
export function makeFileDigests(): (path: string) => Promise<string | undefined> {
  const known = new Map<string, string>();
  return async (path) => {
    try {
      const { dev, ino, size, mtimeMs, ctimeMs } = await stat(path);
      const key = [dev, ino, size, mtimeMs, ctimeMs].join(':');
      const digest = known.get(key) ?? (await digestFile(path));
      known.set(key, digest);
      return digest;
    } catch {
      return undefined;
    }
  };
}

async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
    hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
