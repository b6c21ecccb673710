// The subject `packages`: two published releases of OpenClaw and the Node that they need, as `seatrial
// fixtures prepare nemoclaw-real` put them into the store's cache.

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../reference/shared/canonical.ts';

type Packages = {
  readonly digest: string;
  readonly builds: readonly {
    readonly component: string;
    readonly version: string;
    readonly content: string;
  }[];
};

const releases = ['openclaw-base', 'openclaw-head'] as const;

const preparedIn = (cache: string): string => join(cache, 'prepared', 'nemoclaw-real');

/** The one for this machine; the other was left out. */
function nodeIn(folder: string): string {
  const found = ['x64', 'arm64']
    .map((arch) => join(folder, 'node/node_modules', `node-linux-${arch}`))
    .find((each) => existsSync(join(each, 'bin/node')));
  if (found === undefined) throw new Error(`there is no Node in ${folder}`);
  return found;
}

const versionOf = (folder: string): string =>
  (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly version: string })
    .version;

function identityOf(folder: string): Packages {
  const text = readFileSync(`${folder}.json`, 'utf8');
  const { trees } = JSON.parse(text) as { readonly trees: Readonly<Record<string, string>> };
  const places: Readonly<Record<string, string>> = {
    node: nodeIn(folder),
    ...Object.fromEntries(releases.map((each) => [each, packageIn(folder, each)])),
  };
  const builds = Object.entries(trees).map(([component, content]) => ({
    ...{ component, content, version: versionOf(places[component] ?? folder) },
  }));
  return { digest: sha256(text), builds };
}

const packageIn = (folder: string, release: string): string =>
  join(folder, release, 'node_modules/openclaw');

/** Programs that start a release as its own shim would, whatever Node the host has. */
function writePrograms(folder: string, product: string): void {
  for (const release of releases) {
    const bin = join(product, release);
    mkdirSync(bin, { recursive: true });
    const words = [
      join(nodeIn(folder), 'bin/node'),
      join(packageIn(folder, release), 'openclaw.mjs'),
    ];
    const quoted = words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
    writeFileSync(join(bin, 'openclaw'), `#!/bin/sh\nexec ${quoted} "$@"\n`);
    chmodSync(join(bin, 'openclaw'), 0o755);
    writeFileSync(join(bin, 'version'), `${versionOf(packageIn(folder, release))}\n`);
  }
}

export const packages = {
  prepare: ({ cache }: { readonly cache: string }): Promise<Packages> =>
    Promise.resolve(identityOf(preparedIn(cache))),
  open: ({ cache, product }: { readonly cache: string; readonly product: string }) => {
    writePrograms(preparedIn(cache), product);
    // Nobody can plant a fault in what others published: its canaries exchange the packages.
    return Promise.resolve({ env: {}, mutants: [] as readonly string[] });
  },
};
