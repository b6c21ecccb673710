// Reads a manifest with everything that its folder says about it; problems end with exit code 2.

import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { hasErrors, type FileProblems } from '../diagnostics/file-problems.ts';
import { renderJson } from '../diagnostics/render-json.ts';
import { renderProblems } from '../diagnostics/render.ts';
import { loadManifestBytes, manifestSizeMax } from '../scenario/load-manifest.ts';
import type { Manifest } from '../scenario/manifest.ts';
import { InvalidInput, UsageError, type Terminal } from './command.ts';
import { packageRoot } from './packs.ts';
import type { RunInputs } from './run-options.ts';

/** What the owner wrote, or the defaults where nobody wrote any. */
export async function manifestText({
  manifestPath: path,
  defaults,
}: ManifestPlace): Promise<Uint8Array> {
  if (defaults !== undefined) return new TextEncoder().encode(defaults);
  const stat = await systemFiles.stat(path);
  if (stat === undefined)
    throw new UsageError(
      `no manifest at ${path}`,
      'seatrial init writes one; --manifest names another',
    );
  return systemFiles.read(path, manifestSizeMax + 1);
}

type ManifestPlace = Pick<RunInputs, 'manifestPath' | 'defaults' | 'folder'>;

export async function readManifest(place: ManifestPlace, report: ProblemReport): Promise<Manifest> {
  const { manifestPath, folder, defaults } = place;
  const name = defaults === undefined ? display(manifestPath) : 'defaults';
  const bytes = await manifestText(place);
  const { manifest, source, problems } = loadManifestBytes(name, bytes, {
    exists: (file) => isInside(folder, file),
    hasApp: (app) => manifestOfApp(app, folder) !== undefined,
  });
  report.add({ source, diagnostics: problems });
  if (manifest === undefined) report.end();
  return manifest as Manifest;
}

/** Where an app's manifest is: in the folder of its name beside this one, else in the pack of recipes. */
export function manifestOfApp(app: string, folder: string): string | undefined {
  const beside = [dirname(folder), join(packageRoot, 'packs', 'coop-cloud', 'apps')];
  return beside
    .map((parent) => join(parent, app, 'seatrial.yaml'))
    .find((path) => existsSync(path));
}

export const display = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
};

/** A link that leads out of the folder counts as absent. */
export function isInside(folder: string, file: string): boolean {
  try {
    const real = realpathSync(resolve(folder, file));
    return real.startsWith(`${realpathSync(folder)}${sep}`) && statSync(real).isFile();
  } catch {
    return false;
  }
}

export type ProblemReport = {
  readonly add: (problems: FileProblems) => void;
  /** Prints what was added; ends the command when an error is among it. */
  readonly end: () => void;
};

export function openProblemReport(terminal: Terminal, json: boolean): ProblemReport {
  const files: FileProblems[] = [];
  return {
    add: (problems) => files.push(problems),
    end: () => {
      const found = files.filter(({ diagnostics }) => diagnostics.length > 0);
      if (found.length === 0) return;
      const failed = found.some(({ diagnostics }) => hasErrors(diagnostics));
      if (json && failed) terminal.out(`${JSON.stringify({ problems: renderJson(found) })}\n`);
      else terminal.err(`${renderProblems(found)}\n`);
      files.length = 0;
      if (failed) throw new InvalidInput('invalid input');
    },
  };
}
