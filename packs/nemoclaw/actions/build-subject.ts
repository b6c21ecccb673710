// What the subject `reference` is made of: the product of the head, the one before, openshell in every release, and the
// archives that a release host would serve.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { assembleProduct } from '../reference/assemble-product.ts';
import { buildRelease, readBuild } from '../reference/build.ts';

/** Releases are published for every platform and libc; which of them fits, the installer must know. */
const targets = [
  ...['x86_64-unknown-linux-musl', 'x86_64-unknown-linux-gnu', 'aarch64-unknown-linux-musl'],
  ...['aarch64-unknown-linux-gnu', 'aarch64-apple-darwin'],
];
const programs = ['openshell', 'openshell-gateway', 'openshell-sandbox'];

/** Archives by name of their set: the pinned release, one that has its name but not the features, the one before. */
const sets = { published: 'current', featureless: 'old', earlier: 'old' } as const;

/** Makes the folder whole or not at all; a second call finds it. */
export async function buildSubject(folder: string, hasMutants: boolean): Promise<void> {
  if (existsSync(folder)) return;
  mkdirSync(dirname(folder), { recursive: true });
  const beside = mkdtempSync(`${folder}-`);
  try {
    chmodSync(beside, 0o755);
    await assembleProduct({ release: 'current', into: beside, hasMutants });
    for (const release of ['old', 'current', 'too-new'] as const) {
      const into = join(beside, 'releases', `openshell-${release}`);
      await buildRelease({ program: 'openshell', release, into, hasMutants });
    }
    const earlier = join(beside, 'releases', 'nemoclaw-old');
    await buildRelease({ program: 'nemoclaw', release: 'old', into: earlier, hasMutants });
    for (const program of ['openclaw', 'hermes'] as const) {
      const into = join(beside, 'releases', `${program}-old`);
      await buildRelease({ program, release: 'old', into, hasMutants });
      makeRecipe(beside, `${program}-old`, into);
      makeRecipe(beside, `${program}-current`, join(beside, 'agents', program));
    }
    for (const [name, release] of Object.entries(sets)) packRelease(beside, name, release);
    await buildTools(join(beside, 'tools'));
    putInPlace(beside, folder);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

/** What an image of an agent is built from: as the product builds its bases, and with the labels that it reads. */
function makeRecipe(product: string, name: string, agent: string): void {
  const folder = join(product, 'recipes', name);
  cpSync(join(product, 'blueprint', 'images'), folder, { recursive: true });
  cpSync(agent, join(folder, 'agent'), { recursive: true });
  copyFileSync(join(product, 'nemoclaw-start'), join(folder, 'nemoclaw-start'));
  const base = readFileSync(join(folder, 'Dockerfile.base'), 'utf8');
  rmSync(join(folder, 'Dockerfile.base'));
  const { program, version, tree, stateSchema } = readBuild(agent);
  const labels = {
    'openshell.ai/content': tree,
    'nemoclaw.agent-schema': String(stateSchema),
    'nemoclaw.agent-version': version,
    'seatrial.build.component': `agents/${program}`,
    'seatrial.build.version': version,
    'seatrial.build.content': tree,
  };
  const lines = Object.entries(labels).map(([label, value]) => `LABEL ${label}=${value}\n`);
  writeFileSync(join(folder, 'Dockerfile'), `${base}${lines.join('')}`);
}

/** Two runs may build the same at once: whoever is first wins, and both builds are alike. */
function putInPlace(beside: string, folder: string): void {
  try {
    renameSync(beside, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

function packRelease(product: string, name: string, release: string): void {
  const folder = join(product, 'assets', name);
  mkdirSync(folder, { recursive: true });
  const from = join(product, 'releases', `openshell-${release}`);
  for (const program of programs) {
    const [first = '', ...others] = targets.map((each) =>
      join(folder, `${program}-${each}.tar.gz`),
    );
    // Equal programs give equal archives, whenever they are packed.
    const same = ['--mtime=@0', '--owner=0', '--group=0'];
    execFileSync('tar', [...same, '-czf', first, '-C', from, program]);
    for (const archive of others) copyFileSync(first, archive);
  }
}

/**
 * The engine's client, which keeps what a container was and said before it is removed: whoever looks for it
 * afterwards finds nothing.
 */
const dockerKeeping = `#!/bin/sh
PATH=\${PATH#*:}
if [ "$1" = rm ]; then
  for name; do :; done
  if docker inspect "$name" > /dev/null 2>&1; then
    mkdir -p "$HOME/removed"
    docker inspect --format '{{.Image}}' "$name" > "$HOME/removed/$name.image"
    docker logs "$name" > "$HOME/removed/$name.log" 2>&1
  fi
fi
exec docker "$@"
`;

async function buildTools(folder: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, 'release-curl.ts')],
    outfile: join(folder, 'curl'),
    format: 'cjs',
    platform: 'node',
    bundle: true,
    banner: { js: '#!/usr/bin/env node' },
    logLevel: 'warning',
  });
  writeFileSync(join(folder, 'codesign'), '#!/bin/sh\necho "$@" >> "$HOME/signed"\n');
  // The engine's client that comes after a stub of it on PATH.
  writeFileSync(join(folder, 'docker'), '#!/bin/sh\nPATH=${PATH#*:}\nexec docker "$@"\n');
  writeFileSync(join(folder, 'docker-keeping'), dockerKeeping);
  for (const name of ['curl', 'codesign', 'docker', 'docker-keeping'])
    chmodSync(join(folder, name), 0o755);
}
