// What the registry said of exact npm versions. A published version never changes, so one that was
// asked about once needs no network again; what is installed of it is digested before each use anyway.

import { join } from 'node:path';

import { valid } from 'semver';

import type { Release } from '../../ports/release.ts';
import { WorldError } from '../../ports/world-error.ts';
import { cacheKey } from './prepare-cache.ts';
import type { ReleaseSettings } from './release-settings.ts';

const format = 'seatrial.npm-version/v1';
const sizeMax = 1 << 16;

/** Two registries may hold different packages of one name. */
const registryNames = /^npm_config_(.+:)?(registry|userconfig)$/i;

function pathOf({ cacheFolder, env }: ReleaseSettings, spec: string): string {
  const registries = Object.entries(env)
    .filter(([name]) => registryNames.test(name))
    .map(([name, value]) => `${name}=${value ?? ''}`)
    .sort();
  return join(cacheFolder, cacheKey([format, spec, ...registries]), 'version.json');
}

const isExact = (wanted: string): boolean => valid(wanted) === wanted;

/** Undefined for tags and ranges, and for versions that were never asked about here. */
export async function knownVersion(
  settings: ReleaseSettings,
  name: string,
  wanted: string,
): Promise<Release | undefined> {
  if (!isExact(wanted)) return undefined;
  try {
    const path = pathOf(settings, `${name}@${wanted}`);
    const known = JSON.parse(await settings.files.readText(path, sizeMax)) as Readonly<
      Record<string, unknown>
    > | null;
    const integrity = known?.['integrity'];
    if (known?.['format'] !== format || typeof integrity !== 'string') return undefined;
    return { origin: 'npm', ref: `npm:${name}@${wanted}`, version: wanted, integrity };
  } catch (error) {
    // Cut or edited: as good as none. Trouble with the disk is told.
    if (error instanceof SyntaxError) return undefined;
    if (error instanceof WorldError && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** A release without an integrity is not remembered: nothing would tell it from another. */
export async function rememberVersion(
  settings: ReleaseSettings,
  { ref, integrity }: Release,
): Promise<void> {
  if (integrity === undefined) return;
  const path = pathOf(settings, ref.replace(/^npm:/, ''));
  await settings.files.makeDirectory(join(path, '..'), 0o755);
  await settings.files.replace(path, `${JSON.stringify({ format, integrity })}\n`);
}
