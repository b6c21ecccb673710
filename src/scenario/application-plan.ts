// What a run by a manifest of a pack is bound to. Such a pack has no scenario files: the harness's own list of
// operations is the scenario, and what the pack adds is its manifest and the files beside it.

import type { Json } from '../ports/json.ts';
import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import type { Pack } from './load-pack.ts';

const format = 'seatrial.application-plan/v1';

export type Application = {
  /** Path of the manifest, relative to the pack. */
  readonly path: string;
  /** The manifest as it is written; comments and the order of keys take no part. */
  readonly manifest: Json;
};

export type ApplicationDigests = {
  /** Hex SHA-256 over the manifest, the files that it names and the canaries that are planted under it. */
  readonly plan: string;
  /** Hex SHA-256 over the app's own checks and hooks, and over what the harness asks by itself. */
  readonly collectors: string;
};

/** `harness`: what tells the harness's own checks from those of another version. */
export function applicationDigests(
  { file, canaries, digests }: Pick<Pack, 'file' | 'canaries' | 'digests'>,
  { path, manifest }: Application,
  harness: string,
): ApplicationDigests {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
  const inFolder = [...digests].flatMap(([each, sha256]) =>
    each.startsWith(folder) ? [[each.slice(folder.length), sha256] as const] : [],
  );
  const isCode = (name: string): boolean => /^(?:checks|hooks)\//.test(name);
  const named = new Set(texts(manifest));
  const plan = {
    ...{ format, pack: file.id, manifest: { path, value: manifest } },
    canaries: canaries.filter((canary) => canary.manifest === path),
    files: Object.fromEntries(
      inFolder.filter(([name]) => named.has(name) && !isCode(name)).sort(byName),
    ),
  };
  const lines = inFolder
    .filter(([name]) => isCode(name))
    .map(([name, sha256]) => `${name} ${sha256}\n`);
  return {
    // Members that are undefined take no part.
    plan: sha256Hex(canonicalJson(JSON.parse(JSON.stringify(plan)) as Json)),
    collectors: sha256Hex(`${harness}\n${lines.sort().join('')}`),
  };
}

/** Repositories that are made from the sources beside them, by `reference/make.mjs`. */
const made = 'reference/repositories/';

/**
 * What the evidence is about: hex SHA-256 over the sources of the reference apps. Releases and faults are made from
 * them, so that equal sources give equal commits.
 */
export function referenceDigest({ digests }: Pick<Pack, 'digests'>): string {
  const lines = [...digests]
    .filter(([path]) => path.startsWith('reference/') && !path.startsWith(made))
    .map(([path, sha256]) => `${path} ${sha256}\n`);
  return sha256Hex(lines.sort().join(''));
}

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  a < b ? -1 : 1;

function texts(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(texts);
}
