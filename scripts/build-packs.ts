// Builds the programs of packs into dist/packs: they are TypeScript like everything else, and Node 20
// runs none of it. Each becomes one file that needs nothing beside it.

import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { licences } from './licences.ts';

const kernel = 'packs/aetherra/kernel';

/** Two releases of the kernel, as an application under trial: the second one keeps memory in another form. */
const releases = ['1.0.0', '2.0.0'] as const;

const common = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
} satisfies BuildOptions;

const programsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));

/** `folder`: that of the build, such as `dist`. */
export async function bundlePacks(folder: string): Promise<void> {
  const out = join(folder, 'packs/aetherra');
  const modules = programsIn(`${kernel}/modules`).filter(
    (path) => basename(path) !== 'hot-module.ts',
  );
  // Files that probes share have one word for a name, and are no programs.
  const probes = programsIn('packs/aetherra/probes').filter((path) =>
    /-(?!tool\.)/u.test(basename(path)),
  );
  const [{ metafile }] = await Promise.all([
    build({ ...common, entryPoints: probes, outdir: join(out, 'probes'), metafile: true }),
    build({ ...common, entryPoints: [`${kernel}/main.ts`], outdir: join(out, 'kernel') }),
    build({ ...common, entryPoints: modules, outdir: join(out, 'kernel/modules') }),
    ...releases.map((version) =>
      build({
        ...common,
        entryPoints: [`${kernel}/main.ts`],
        outdir: join(out, 'releases', version),
        // A release is run from a copy, where no package.json says what .js means.
        outExtension: { '.js': '.mjs' },
        define: { KERNEL_VERSION: JSON.stringify(version) },
      }),
    ),
  ]);
  writeFileSync(join(out, 'THIRD-PARTY.txt'), licences(metafile));
}
