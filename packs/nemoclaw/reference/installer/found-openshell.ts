import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { mutant } from '../shared/mutant.ts';
import { runProgram } from '../shared/run.ts';
import { neededMarkers } from './pinned-current.ts';

export type Found = { readonly path: string; readonly folder: string; readonly version: string };

/** Every openshell that PATH offers, the one that is run first. */
export function openshellsOnPath(path = process.env['PATH'] ?? ''): readonly string[] {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'openshell'))
    .filter(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Undefined when there is none, or none that tells its version. */
export async function foundOpenshell(): Promise<Found | undefined> {
  const [path] = openshellsOnPath();
  if (path === undefined) return undefined;
  return { path, folder: dirname(path), version: await versionOf(path) };
}

/** Empty for a program that gives none. */
export async function versionOf(path: string): Promise<string> {
  const { stdout } = await runProgram(path, ['--version'], { timeoutMs: 10_000 });
  return /\b(\d+\.\d+\.\d+)\b/.exec(stdout)?.[1] ?? '';
}

export function hasHelpers(folder: string, programs: readonly string[]): boolean {
  if (mutant('pin.ignore-helpers')) return true;
  return programs.every((name) => isExecutable(join(folder, name)));
}

/** Of those that this release needs. */
export function missingMarkers(gateway: string): readonly string[] {
  if (mutant('pin.skip-markers') || !existsSync(gateway)) return [];
  const bytes = readFileSync(gateway);
  return neededMarkers.filter((each) => !bytes.includes(each));
}
