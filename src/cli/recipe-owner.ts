// What the owner of a manifest adds to every release of a recipe: values of secrets, and Compose files.

import { join } from 'node:path';
import type { Source } from '../diagnostics/source.ts';
import { decodeSource } from '../diagnostics/source.ts';
import { systemFiles } from '../drivers/files.ts';
import { overlayProblems } from '../recipe/overlay.ts';
import { composeLimits } from '../recipe/read-compose.ts';
import type { Manifest } from '../scenario/manifest.ts';
import type { Terminal } from './command.ts';
import { display, type ProblemReport } from './load-manifest.ts';
import type { RecipeOwner } from './recipe-stacks.ts';

export type OwnerContext = {
  /** Of the manifest. */
  readonly folder: string;
  readonly terminal: Terminal;
  readonly problems: ProblemReport;
};

/** Overlays that set what a release is made of are reported and end the command. */
export async function readOwner(
  { driver, secrets, compose = [], base: { repair } }: Manifest,
  { folder, terminal, problems }: OwnerContext,
): Promise<RecipeOwner> {
  const read = async (file: string): Promise<Source> => {
    const path = join(folder, file);
    return decodeSource(display(path), await systemFiles.read(path, composeLimits.bytes)).source;
  };
  const overlays: Source[] = [];
  for (const file of compose) overlays.push(await read(file));
  for (const source of overlays) {
    const diagnostics = overlayProblems(source).map(({ diagnostic }) => diagnostic);
    problems.add({ source, diagnostics });
  }
  problems.end();
  return {
    ...(driver === 'compose' ? { program: driver } : {}),
    overlays,
    secrets: Object.fromEntries(
      Object.entries(secrets).map(([name, { from }]) => [
        name,
        terminal.env[from.replace(/^env:/, '')] ?? '',
      ]),
    ),
    ...(repair === undefined ? {} : { repair: await read(repair) }),
  };
}
