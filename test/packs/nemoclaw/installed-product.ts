// A product that somebody installed, for which the reference stands in: a git checkout with its programs, at two
// releases. What it does to an engine and a home is real.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';

export type InstalledProduct = {
  readonly checkout: string;
  readonly nemoclaw: string;
  readonly openshell: string;
  readonly base: string;
  readonly head: string;
};

export function git(folder: string, ...args: readonly string[]): string {
  const person = ['-c', 'user.name=somebody', '-c', 'user.email=somebody@example.org'];
  const env = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null' };
  return execFileSync('git', ['-C', folder, ...person, ...args], { encoding: 'utf8', env });
}

/** `checkout`: a folder that holds the product already. The release before brought older agents. */
export function makeInstalledProduct(checkout: string): InstalledProduct {
  const manifest = join(checkout, 'blueprint/agents/openclaw.yaml');
  const text = readFileSync(manifest, 'utf8');
  git(checkout, 'init', '--quiet', '--initial-branch', 'main');
  writeFileSync(manifest, text.replace(/^expected_version: .*$/m, 'expected_version: 2026.3.11'));
  for (const [tag, content] of [
    ['v0.4.0', undefined],
    ['v0.5.0', text],
  ] as const) {
    if (content !== undefined) writeFileSync(manifest, content);
    git(checkout, 'add', '--all', '--force');
    git(checkout, 'commit', '--quiet', '--message', `Release ${tag}`);
    git(checkout, 'tag', tag);
  }
  return {
    checkout,
    nemoclaw: join(checkout, 'nemoclaw'),
    openshell: join(checkout, 'openshell/openshell'),
    ...{ base: 'v0.4.0', head: 'v0.5.0' },
  };
}

export function writeSettings(path: string, product: InstalledProduct): void {
  writeFileSync(path, stringify(product));
}

/** A program beside the product's own, in its checkout: it may hand on to the real one. Made before the releases are. */
export function standIn(
  checkout: string,
  { name, which, lines }: { readonly name: string; readonly which: string; readonly lines: string },
): string {
  const path = join(checkout, 'stand-ins', `${which}-${name}`);
  const real = which === 'nemoclaw' ? 'nemoclaw' : `${which}/${which}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\nreal="\${0%/*}/../${real}"\n${lines}\nexec "$real" "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}
