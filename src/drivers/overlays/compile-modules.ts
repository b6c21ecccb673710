// Strips the types of a module and of the TypeScript modules it imports by relative path.

import { readFile, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OverlayReaders } from '../../ports/overlays.ts';

type CompiledModules =
  { readonly sources: Readonly<Record<string, string>> } | { readonly problem: string };

const modulesMax = 500;

/**
 * `text` is the entry's content as digested. Files that are absent are left for Node to report. With `root`,
 * so are those outside of it: what is read here reaches code that could not read it itself.
 */
export async function compileModules(
  entry: URL,
  text: string,
  {
    stripTypes,
    root,
  }: { readonly stripTypes: OverlayReaders['stripTypes']; readonly root?: string },
): Promise<CompiledModules> {
  const sources: Record<string, string> = {};
  const waiting = [{ url: entry, text }];
  for (const { url, text } of waiting) {
    let code = text;
    if (url.pathname.endsWith('.ts')) {
      const stripped = await stripTypes(text, fileURLToPath(url));
      if ('problem' in stripped) {
        const { message, line, column } = stripped.problem;
        return { problem: `${fileURLToPath(url)}:${String(line)}:${String(column)}: ${message}` };
      }
      code = stripped.code;
      sources[url.href] = code;
    }
    for (const imported of await typeScriptImports(code, url)) {
      if (waiting.some((each) => each.url.href === imported.href)) continue;
      if (waiting.length >= modulesMax) return { problem: 'the file imports too many modules' };
      const found = await readIfThere(imported, root);
      if (found !== undefined) waiting.push({ url: imported, text: found });
    }
  }
  return { sources };
}

/** Specifiers written out, static or dynamic; JavaScript in between is followed, packages are not. */
async function typeScriptImports(code: string, from: URL): Promise<readonly URL[]> {
  const { parse } = await import('es-module-lexer/js');
  try {
    return parse(code)[0].flatMap((found) => {
      if (found.type === 'import-meta') return [];
      const { specifier } = found;
      return specifier !== undefined && /^\.{1,2}\/.*\.(ts|mjs|js)$/.test(specifier)
        ? [new URL(specifier, from)]
        : [];
    });
  } catch {
    // Not a module: importing it says why.
    return [];
  }
}

async function readIfThere(url: URL, root: string | undefined): Promise<string | undefined> {
  try {
    const path = await realpath(fileURLToPath(url));
    if (root !== undefined && !path.startsWith(`${await realpath(root)}${sep}`)) return undefined;
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
