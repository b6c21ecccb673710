// A run of gates in a folder of its own, without the command around it: for worlds and clocks that no
// command line gives.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findHead, makeGateWorld } from '../../src/cli/gates-world.ts';
import { makeDocuments, type GateDocuments } from '../../src/cli/gates-documents.ts';
import { openStore } from '../../src/evidence/store.ts';
import type { GateRunOptions } from '../../src/gates/gate-session.ts';
import type { GateWorld } from '../../src/gates/gate-world.ts';
import type { GatesReport } from '../../src/gates/gates-report.ts';
import { listEnded } from '../../src/lifecycle/list-runs.ts';
import { captureTerminal } from '../cli/captured-terminal.ts';
import { bytesOf } from './gates-text.ts';

export type Runner = Pick<typeof import('../../src/gates/run-gates.ts'), 'runGates'> &
  Pick<typeof import('../../src/gates/load-gates.ts'), 'loadGates'> &
  Pick<typeof import('../../src/gates/gates-report.ts'), 'reportGates'>;

export type Ran = Partial<GateRunOptions> & {
  /** What lies in the folder. */
  readonly prepare?: (folder: string) => void;
  readonly world?: Partial<GateWorld>;
  /** Instead of a new one; it is removed all the same. */
  readonly folder?: string;
};

export async function ranGates(
  { runGates, loadGates, reportGates }: Runner,
  yaml: string,
  { prepare, folder: given, world: other = {}, ...more }: Ran = {},
): Promise<{ readonly report: GatesReport; readonly documents: GateDocuments }> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'seatrial-runner-'));
  try {
    mkdirSync(folder, { recursive: true });
    prepare?.(folder);
    const env = { SEATRIAL_LOCKS: join(folder, 'locks') };
    const world = { ...(await makeGateWorld(captureTerminal({ cwd: folder, env }))), ...other };
    const store = await openStore({ ...world, root: join(folder, 'store') });
    const { gates: file, problems } = loadGates('gates.yaml', bytesOf(yaml));
    if (file === undefined) throw new Error(problems[0]?.message ?? 'no file');
    const { state, root } = await runGates(world, {
      ...{ store, file, shown: 'gates.yaml', here: folder, digest: 'a'.repeat(64) },
      ...{ profile: 'test', strictManual: false, strictRisks: false, jobs: 1, keys: [], risks: [] },
      ...{ head: await findHead(world, folder), evidenceBase: () => 'runs', bootId: '' },
      signal: new AbortController().signal,
      howStopped: ({ reason }) => {
        const { cause, message } = reason as { cause: string; message: string };
        return { outcome: 'stopped', cause, message };
      },
      close: async (bundle) => {
        await bundle.close();
        await listEnded(world, store, bundle.state());
      },
      ...more,
    });
    const report = reportGates(state);
    if (report === undefined) throw new Error('no run of gates');
    return { report, documents: await makeDocuments(state, root) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
