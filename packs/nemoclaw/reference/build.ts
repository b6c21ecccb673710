// Builds a release of a reference program into a folder: one executable file per program, so that an
// installer can replace it by one rename, and build.json, which says what is in the folder.

import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { programs, type ProgramName, type Release } from './releases.ts';
import { filesBelow } from './shared/files-below.ts';

const reference = import.meta.dirname;

export type BuildRequest = {
  readonly program: ProgramName;
  readonly release: string;
  /** An empty or absent folder. */
  readonly into: string;
  /** Without it the build knows no planted fault; packaged builds are made so. */
  readonly hasMutants: boolean;
};

export type BuiltRelease = {
  readonly program: string;
  readonly version: string;
  readonly release: string;
  readonly stateSchema: number;
  readonly tree: string;
  /** SHA-256 in hex by path below the folder. */
  readonly files: Readonly<Record<string, string>>;
};

const sha256 = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

/** Stands in the executables until the digest of all of them is known. */
const treeMark = '@'.repeat(64);

export async function buildRelease(request: BuildRequest): Promise<BuiltRelease> {
  const { program, release: name, into } = request;
  const files = programs[program];
  const release = files.releases[name];
  if (release === undefined) throw new Error(`${program} has no release ${name}`);
  mkdirSync(into, { recursive: true });
  const texts = await bundle(request, release);
  for (const [from, to] of Object.entries(files.data))
    copyData(join(reference, from), join(into, to), release);
  const copied = filesBelow(into).map((path) => [path, sha256(readFileSync(join(into, path)))]);
  const marked = [...texts].map(([path, text]) => [path, sha256(text)]);
  const tree = sha256(JSON.stringify([name, release.version, [...copied, ...marked].sort()]));
  for (const [path, text] of texts) {
    writeFileSync(join(into, path), text.replaceAll(treeMark, tree));
    chmodSync(join(into, path), 0o755);
  }
  const digests = filesBelow(into).map((path) => [path, sha256(readFileSync(join(into, path)))]);
  const { version, stateSchema } = release;
  const built = { program, version, release: name, stateSchema, tree };
  const told: BuiltRelease = { ...built, files: Object.fromEntries(digests) as never };
  writeFileSync(join(into, 'build.json'), `${JSON.stringify(told, null, 2)}\n`);
  return told;
}

/** Of a file and its twin ending in `-old` one, under the same name. */
function copyData(from: string, to: string, { sources }: Release): void {
  const twins = filesBelow(from).filter((path) => /-old\.[a-z]+$/.test(path));
  const left = new Set(twins.map((path) => join(from, path)));
  cpSync(from, to, {
    recursive: true,
    filter: (path) => !path.endsWith('.ts') && !left.has(path),
  });
  if (sources === 'old')
    for (const path of twins)
      cpSync(join(from, path), join(to, path.replace(/-old(\.[a-z]+)$/, '$1')));
}

async function bundle(
  request: BuildRequest,
  release: Release,
): Promise<ReadonlyMap<string, string>> {
  const { folder, executables } = programs[request.program];
  const result = await build({
    entryPoints: Object.entries(executables).map(([out, file]) => ({
      in: join(reference, folder, file),
      out,
    })),
    outdir: request.into,
    write: false,
    bundle: true,
    // A file without an ending is CommonJS to every Node, wherever it is put.
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    // Paths in comments would make builds of two checkouts differ.
    absWorkingDir: reference,
    legalComments: 'none',
    banner: { js: '#!/usr/bin/env node' },
    logLevel: 'warning',
    plugins: [exchanged(request, release)],
  });
  const names = Object.keys(executables);
  return new Map(result.outputFiles.map(({ text }, index) => [names[index] ?? '', text]));
}

/** Old twins for current ones, the facts of the build, and the table of planted faults. */
function exchanged(request: BuildRequest, release: Release): Plugin {
  const { version, stateSchema, sources } = release;
  const facts = { program: request.program, version, release: request.release, stateSchema };
  return {
    name: 'release',
    setup: (building) => {
      building.onResolve({ filter: /-current\.ts$/ }, ({ path, resolveDir }) => {
        if (sources === 'current') return undefined;
        const old = join(resolveDir, path.replace(/-current\.ts$/, '-old.ts'));
        return existsSync(old) ? { path: old } : undefined;
      });
      building.onLoad({ filter: /shared\/build-info\.ts$/ }, () => ({
        contents: `export const buildInfo = ${JSON.stringify({ ...facts, tree: treeMark })};`,
        loader: 'js',
      }));
      building.onLoad({ filter: /reference\/mutants\.ts$/ }, () =>
        request.hasMutants ? undefined : { contents: 'export const mutants = [];', loader: 'js' },
      );
    },
  };
}

/** Reads build.json of a built folder. */
export function readBuild(folder: string): BuiltRelease {
  return JSON.parse(readFileSync(join(folder, 'build.json'), 'utf8')) as BuiltRelease;
}
