// Puts the pinned openshell in place: detect, decide, download, verify, stage, check markers, swap,
// resolve. Exit 0 done or kept, 1 failed and unchanged, 2 bounds, 3 platform, 4 markers.

import { accessSync, constants, mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { lastLine } from '../shared/docker.ts';
import { crashPoint } from '../shared/crash-point.ts';
import { Failure } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { say, startProgram } from '../shared/program.ts';
import { runProgram } from '../shared/run.ts';
import { isAbove, isBelow, readBounds, type Bounds } from './bounds.ts';
import { download } from './download.ts';
import {
  foundOpenshell,
  hasHelpers,
  missingMarkers,
  openshellsOnPath,
  versionOf,
  type Found,
} from './found-openshell.ts';
import { detectPlatform, type Platform } from './platform.ts';
import { makeStage, swapFiles } from './swap-files.ts';

async function main(): Promise<number> {
  const bounds = readBounds(process.env);
  const platform = await detectPlatform();
  const found = await foundOpenshell();
  const why = whyNot(found, bounds, platform);
  if (why === undefined) {
    say(`openshell ${bounds.pin} is in place`);
    return 0;
  }
  say(`openshell: ${why}; installing ${bounds.pin}`);
  const target = targetFolder(found);
  await install(platform, bounds.pin, target);
  return resolved(bounds.pin, target);
}

/** Why what was found does not do; undefined when it does. */
function whyNot(
  found: Found | undefined,
  bounds: Bounds,
  { assets }: Platform,
): string | undefined {
  if (found === undefined) return 'not installed';
  const { version, folder } = found;
  if (isAbove(version, bounds) && !mutant('pin.keep-too-new'))
    return `${version} is above the maximum ${bounds.max}`;
  if (isBelow(version, bounds) && !mutant('pin.keep-too-old'))
    return `${version} is below minimum ${bounds.min}`;
  if (mutant('pin.always-download')) return 'installed anew';
  const helpers = assets.map(({ program }) => program);
  if (!hasHelpers(folder, helpers)) return `${version} lacks a helper`;
  const isPinned = version === bounds.pin;
  const missing = isPinned ? missingMarkers(join(folder, 'openshell-gateway')) : [];
  return missing.length === 0 ? undefined : `${version} lacks ${missing.join(', ')}`;
}

function targetFolder(found: Found | undefined): string {
  const home = process.env['HOME'] ?? homedir();
  if (mutant('pin.install-elsewhere')) return join(home, '.openshell/bin');
  return found !== undefined && isWritable(found.folder) ? found.folder : join(home, '.local/bin');
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function install(platform: Platform, version: string, target: string): Promise<void> {
  const stage = makeStage(target);
  try {
    const downloads = join(stage, 'downloads');
    mkdirSync(downloads);
    await download(platform, version, downloads);
    crashPoint('downloaded');
    for (const { archive } of platform.assets) await unpack(join(downloads, archive), stage);
    crashPoint('staged');
    const missing = missingMarkers(join(stage, 'openshell-gateway'));
    if (missing.length > 0)
      throw new Failure(4, `openshell ${version} lacks ${missing.join(', ')}; nothing was changed`);
    const programs = platform.assets.map(({ program }) => program);
    swapFiles(stage, target, programs);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

async function unpack(archive: string, into: string): Promise<void> {
  const { code, stderr } = await runProgram('tar', ['-xzf', archive, '-C', into]);
  if (code !== 0) throw new Failure(1, `${archive} cannot be unpacked: ${lastLine(stderr)}`);
}

/** What a user would now run must be what was installed. */
async function resolved(pin: string, target: string): Promise<number> {
  const installed = join(target, 'openshell');
  const [first] = openshellsOnPath();
  const version = first === undefined ? '' : await versionOf(first);
  if (version === pin) {
    say(`openshell ${pin} is in ${target}`);
    return 0;
  }
  throw new Failure(
    1,
    `openshell ${pin} is in ${installed}, but PATH gives ${first ?? 'none'} (${version})`,
  );
}

void startProgram('install-openshell', main);
