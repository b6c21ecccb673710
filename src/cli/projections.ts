// The reports that every bundle holds.

import { readFile } from 'node:fs/promises';
import { objectPath } from '../evidence/bundle-paths.ts';
import type { ObjectRef } from '../evidence/record.ts';
import type { RunState } from '../evidence/run-state.ts';
import type { Project } from '../lifecycle/close-bundle.ts';
import type { Objects } from '../reporters/evidence-text.ts';
import { reportFormats } from './report-formats.ts';

const shownMaxBytes = 1024 * 1024;

/** Renders html, junit and ctrf of a run below `store`. */
export const projectReports =
  (store: string): Project =>
  async (state) => {
    const objects = await readShown(`${store}/runs/${state.started.run}`, state);
    return [
      { name: 'report.html', text: await reportFormats.html(state, objects) },
      { name: 'junit.xml', text: await reportFormats.junit(state, objects) },
      { name: 'ctrf.json', text: await reportFormats.ctrf(state, objects) },
    ];
  };

async function readShown(root: string, state: RunState): Promise<Objects> {
  const refs: readonly ObjectRef[] = [
    state.started.plan,
    ...state.checks.flatMap(({ evidence }) => evidence),
    ...state.operations.flatMap(({ observations }) => observations.map(({ object }) => object)),
  ];
  const contents = new Map<string, Uint8Array>();
  for (const { sha256, bytes } of refs) {
    if (contents.has(sha256) || bytes > shownMaxBytes) continue;
    const read = await readFile(`${root}/${objectPath(sha256)}`).catch(() => undefined);
    if (read !== undefined) contents.set(sha256, read);
  }
  return ({ sha256 }) => contents.get(sha256);
}
