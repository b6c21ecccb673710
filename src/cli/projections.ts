// The reports that every bundle holds.

import { readFile } from 'node:fs/promises';
import { objectPath } from '../evidence/bundle-paths.ts';
import type { ObjectRef } from '../evidence/record.ts';
import type { RunState } from '../evidence/run-state.ts';
import { together } from '../ports/together.ts';
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
  const shown = new Set(
    refs.flatMap(({ sha256, bytes }) => (bytes > shownMaxBytes ? [] : [sha256])),
  );
  const read = await together([...shown], async (sha256) => ({
    sha256,
    bytes: await readFile(`${root}/${objectPath(sha256)}`).catch(() => undefined),
  }));
  const contents = new Map(read.map(({ sha256, bytes }) => [sha256, bytes]));
  return ({ sha256 }) => contents.get(sha256);
}
