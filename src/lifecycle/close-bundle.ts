// The end of a bundle: reports from its records, their digests signed, the store's list told.

import type { Bundle } from '../evidence/bundle.ts';
import { subjectNames, type ReportName } from '../evidence/bundle-paths.ts';
import { attest } from '../evidence/attest.ts';
import type { RunState } from '../evidence/run-state.ts';
import type { Store } from '../evidence/store.ts';
import { createHash } from 'node:crypto';
import { WorldError } from '../ports/world-error.ts';
import { messageOf } from './failure.ts';
import { listEnded } from './list-runs.ts';
import type { World } from './world.ts';

/** A file of the bundle rendered from records. */
export type Projection = { readonly name: ReportName; readonly text: string };
export type Project = (state: RunState) => Promise<readonly Projection[]>;

type Closing = {
  readonly store: Store;
  readonly project: Project;
  /** Told of a bug that kept reports from being made; without it, that is thrown. */
  readonly onUnwritten?: (message: string) => void;
};

export async function closeBundle(
  world: Pick<World, 'files' | 'clock' | 'locks' | 'signer'>,
  bundle: Bundle,
  { store, project, onUnwritten }: Closing,
): Promise<void> {
  await bundle.close();
  const state = bundle.state();
  try {
    await completeBundle(world, bundle, project);
  } catch (error) {
    // A disk that is full today is not tomorrow: such a run stays unlisted and is completed later. A
    // bug would come again each time, and must not keep later runs of the app from starting.
    if (error instanceof WorldError) throw error;
    await listEnded(world, store, state);
    if (onUnwritten === undefined) throw error;
    onUnwritten(messageOf(error));
    return;
  }
  await listEnded(world, store, state);
}

async function completeBundle(
  world: Pick<World, 'files' | 'signer'>,
  bundle: Bundle,
  project: Project,
): Promise<void> {
  const state = bundle.state();
  // Each waits for the disk, which makes several durable in one go.
  await Promise.all((await project(state)).map(({ name, text }) => bundle.writeReport(name, text)));
  if (world.signer !== undefined) {
    const subjects = [];
    for (const name of subjectNames)
      subjects.push({ name, sha256: await digest(world, `${bundle.paths.root}/${name}`) });
    await bundle.writeAttestation(`${await attest({ state, subjects, signer: world.signer })}\n`);
  }
}

async function digest({ files }: Pick<World, 'files'>, path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of files.stream(path)) hash.update(chunk);
  return hash.digest('hex');
}
