// Builds dist/: every module by itself for users of the library, the programs in few files, since Node
// takes longer to find and read five hundred modules than a short run takes, and the packs' programs.
//
//   tsx scripts/build.ts [folder]

import { copyFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { bundlePacks } from './build-packs.ts';
import { licences } from './licences.ts';
import { run } from './steps.ts';

const [folder = 'dist'] = process.argv.slice(2);
const programs = join(folder, 'cli');
/** Longer than any run takes. */
const keptMs = 24 * 3_600_000;

const compiled = await run(
  process.execPath,
  ['node_modules/typescript/bin/tsc', '--project', 'tsconfig.build.json', '--outDir', folder],
  { show: true },
);
if (compiled.code === 0) await Promise.all([bundlePrograms(), bundlePacks(folder)]);
process.exitCode = compiled.code;

async function bundlePrograms(): Promise<void> {
  const { metafile } = await build({
    entryPoints: ['main', 'aether', 'aether-worker'].map((name) => `src/cli/${name}.ts`),
    outdir: programs,
    // In the folder of the modules they replace, because some look for files beside themselves.
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    minifyWhitespace: true,
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
    // 4 MB of WebAssembly that is only read when a check is written in TypeScript.
    external: ['@swc/wasm-typescript'],
    banner: {
      js: "import{createRequire as $createRequire}from'node:module';const require=$createRequire(import.meta.url);",
    },
  });
  for (const host of ['overlays/module-host.js', 'providers/provider-host.js'])
    copyFileSync(join(folder, 'drivers', host), join(programs, basename(host)));
  removeStale(metafile);
  writeFileSync(join(programs, 'THIRD-PARTY.txt'), licences(metafile));
}

/** Chunks of earlier builds have other names. A run that is under way may still have to read some. */
function removeStale({ outputs }: Metafile): void {
  const fresh = new Set(Object.keys(outputs).map((path) => path.slice(path.lastIndexOf('/') + 1)));
  for (const name of readdirSync(programs)) {
    if (!name.startsWith('chunk-') || fresh.has(name)) continue;
    const path = join(programs, name);
    if (statSync(path).mtimeMs < Date.now() - keptMs) rmSync(path);
  }
}
