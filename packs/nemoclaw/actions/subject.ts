// The subject `reference`: built once for each state of its sources, and copied for each run.

import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject, PackContext, PackPorts } from 'seatrial';
import { readBuild } from '../reference/build.ts';
import { sha256 } from '../reference/shared/canonical.ts';
import { treeDigest } from '../reference/shared/tree-digest.ts';
import { gatewayComponent, observeGateway } from './observe-gateway.ts';
import { makeClusterObserver } from './observe-clusters.ts';
import { observeSandbox } from './observe-sandbox.ts';
import { buildSubject } from './build-subject.ts';
import { linkPrograms, ownNames } from './programs.ts';
import { makePluginSandbox, startsFromPlugins } from './plugin-sandbox.ts';

type Prepared = {
  readonly digest: string;
  readonly builds: readonly {
    readonly component: string;
    readonly version: string;
    readonly content: string;
  }[];
};

type Places = {
  readonly cache: string;
  readonly product: string;
  readonly home: string;
  readonly work: string;
  readonly name: string;
  readonly suffix: string;
  readonly env: Readonly<Record<string, string>>;
  readonly ports: PackPorts;
};

type Opened = {
  readonly env: Readonly<Record<string, string>>;
  /** As the installed program tells of itself. */
  readonly mutants: readonly string[];
  readonly observe: (context: PackContext) => Promise<readonly JsonObject[]>;
  readonly close: (context: PackContext) => Promise<void>;
};

const pack = join(import.meta.dirname, '..');

/** With planted faults or without, which are two builds. */
const folderOf = (cache: string, hasMutants: boolean): string =>
  join(cache, `nemoclaw-${sourcesDigest()}-${hasMutants ? 'canary' : 'plain'}`);

function sourcesDigest(): string {
  const files = ['build-subject.ts', 'release-curl.ts'].map((name) =>
    readFileSync(join(pack, 'actions', name), 'utf8'),
  );
  return sha256(JSON.stringify([treeDigest(join(pack, 'reference')), ...files])).slice(0, 16);
}

/** Folders with a build.json, as paths below the product. */
function buildsIn(product: string): Prepared['builds'] {
  const below = (name: string): readonly string[] =>
    readdirSync(join(product, name)).map((each) => join(name, each));
  const trees = ['.', 'openshell', ...below('agents'), ...below('releases')]
    .filter((path) => existsSync(join(product, path, 'build.json')))
    .map((path) => {
      const { version, tree } = readBuild(join(product, path));
      return { component: path === '.' ? 'nemoclaw' : path, version, content: tree };
    });
  // A process is known by its executable, and not by the tree that came with it.
  const { version, files } = readBuild(join(product, 'openshell'));
  const content = files['openshell-gateway'] ?? '';
  return [...trees, { component: gatewayComponent, version, content }];
}

async function mutantsIn(product: string, ports: PackPorts): Promise<readonly string[]> {
  const argv = [join(product, 'nemoclaw'), '--version', '--json'] as const;
  const { exit, stdout, stderr } = await ports.run({ argv: [...argv] });
  if (exit !== 0) throw new Error(`the product does not tell its version: ${stderr}`);
  return (JSON.parse(stdout) as { readonly mutants: readonly string[] }).mutants;
}

export const reference = {
  prepare: async ({
    cache,
    canary,
  }: {
    readonly cache: string;
    readonly canary: boolean;
  }): Promise<Prepared> => {
    // A fault is planted beside what is audited: evidence of both kinds of build is about the same subject.
    const folder = folderOf(cache, false);
    await buildSubject(folder, false);
    if (canary) await buildSubject(folderOf(cache, true), true);
    return { digest: treeDigest(folder), builds: buildsIn(folder) };
  },
  /** A home in which a fault may be planted gets the build that knows faults. */
  open: async (places: Places): Promise<Opened> => {
    const { cache, product, home, suffix, env, ports } = places;
    const hasMutants = existsSync(join(home, '.seatrial-canary'));
    cpSync(folderOf(cache, hasMutants), product, { recursive: true });
    const observeClusters = makeClusterObserver();
    linkPrograms(places.work, {
      nemoclaw: join(product, 'nemoclaw'),
      openshell: join(product, 'openshell/openshell'),
    });
    const own = {
      PATH: `${join(product, 'openshell')}:${product}:${env['PATH'] ?? ''}`,
      ...ownNames(suffix),
    };
    // Fixtures come before the first operation, and some of this scenario's are inside a sandbox.
    if (startsFromPlugins(places)) await makePluginSandbox({ ...places, env: own });
    return {
      env: own,
      mutants: await mutantsIn(product, ports),
      observe: async (context) => [
        ...(await observeSandbox(context)),
        ...(await observeGateway(context)),
        ...(await observeClusters(context)),
      ],
      close: async ({ ports: last }) => {
        await last.run({ argv: [join(product, 'openshell', 'openshell'), 'gateway', 'remove'] });
      },
    };
  },
};
