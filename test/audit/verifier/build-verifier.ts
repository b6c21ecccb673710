// The audit as one program, as it is or with one fault of its own: test builds, since what is shipped has
// no switch that makes it accept more.

import { symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** By fault: the module that is exchanged, by the importer that then gets the faulty one. */
const faults = {
  'audit.accept-fresh': { importer: 'src/audit/role-reasons.ts', module: './proofs.ts' },
  'audit.flip-on-claim': { importer: 'src/cli/audit-run.ts', module: '../audit/check-audit.ts' },
} as const;
export type VerifierFault = keyof typeof faults;

const root = resolve(import.meta.dirname, '../../..');

/** Path of a program for `node`; its folder must be one of its own. */
export async function buildVerifier(folder: string, fault?: VerifierFault): Promise<string> {
  const outfile = join(folder, 'dist/cli/main.mjs');
  let exchanged = 0;
  const exchange: Plugin = {
    name: 'fault',
    setup: (building) => {
      if (fault === undefined) return;
      const { importer, module } = faults[fault];
      building.onResolve({ filter: /\.ts$/ }, (args) => {
        if (args.path !== module || args.importer !== join(root, importer)) return undefined;
        exchanged += 1;
        const name = `${fault.slice('audit.'.length)}.ts`;
        return { path: join(import.meta.dirname, name) };
      });
    },
  };
  await build({
    entryPoints: [join(root, 'src/cli/main.ts')],
    ...{ outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20' },
    packages: 'external',
    plugins: [exchange],
    logLevel: 'error',
  });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  if (fault !== undefined && exchanged === 0) throw new Error(`nothing was exchanged for ${fault}`);
  return outfile;
}
