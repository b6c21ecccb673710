// Which files a source file names in its imports, by their text: TypeScript, JavaScript, Python. It
// answers whether a test reaches a source at all, not what it does there.

const scriptForms = [
  /\bfrom\s*['"]([^'"\n]+)['"]/gu,
  /\bimport\s*\(?\s*['"]([^'"\n]+)['"]/gu,
  /\brequire\s*\(\s*['"]([^'"\n]+)['"]/gu,
];
const pythonForms = [
  /^\s*from\s+([\w.]+)\s+import\s+([\w*, ()]+)/gmu,
  /^\s*import\s+([\w.]+(?:\s*,\s*[\w.]+)*)/gmu,
];
const endings = [
  '',
  '.ts',
  '.tsx',
  '.mts',
  '.js',
  '.jsx',
  '.mjs',
  '.cjs',
  '/index.ts',
  '/index.js',
];

/** Paths of `known` that the file at `path` imports. */
export function importsOf(
  path: string,
  text: string,
  known: ReadonlySet<string>,
): readonly string[] {
  const found = path.endsWith('.py') ? pythonTargets(path, text) : scriptTargets(path, text);
  return [...new Set(found)].filter((each) => known.has(each));
}

function scriptTargets(path: string, text: string): readonly string[] {
  return scriptForms
    .flatMap((form) => [...text.matchAll(form)].map(([, named = '']) => named))
    .filter((named) => named.startsWith('.'))
    .flatMap((named) => {
      const target = joined(folderOf(path), named);
      // Sources in TypeScript are imported by the name of what they become.
      const bare = target.replace(/\.(?:[mc]?js|jsx)$/u, '');
      return [target, bare].flatMap((each) => endings.map((ending) => `${each}${ending}`));
    });
}

function pythonTargets(path: string, text: string): readonly string[] {
  const [fromForm, importForm] = pythonForms as [RegExp, RegExp];
  const modules = [
    ...[...text.matchAll(fromForm)].flatMap(([, module = '', names = '']) => [
      module,
      ...names
        .split(/[\s,()]+/u)
        .filter(Boolean)
        .map((name) => `${module}.${name}`),
    ]),
    ...[...text.matchAll(importForm)].flatMap(([, names = '']) => names.split(/\s*,\s*/u)),
  ];
  return modules.flatMap((module) => {
    const [, dots = '', rest = ''] = /^(\.*)(.*)$/u.exec(module) ?? [];
    const up = dots === '' ? '' : folderOf(path) + '/..'.repeat(dots.length - 1);
    const roots = dots === '' ? ['', 'src', folderOf(path)] : [up];
    return roots.flatMap((root) => {
      const base = joined(root, rest.replaceAll('.', '/'));
      return [`${base}.py`, `${base}/__init__.py`];
    });
  });
}

const folderOf = (path: string): string => path.split('/').slice(0, -1).join('/');

function joined(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** Everything that can be reached from a file, itself left out. */
export function reachable(
  start: string,
  edges: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const seen = new Set<string>();
  const queue = [...(edges.get(start) ?? [])];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    queue.push(...(edges.get(at) ?? []));
  }
  return seen;
}
