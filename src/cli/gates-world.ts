// Puts the real world together for commands that run gates.

import { makeGateTargets } from '../drivers/gate-targets.ts';
import { makeWorkTrees } from '../drivers/git/work-tree.ts';
import { systemHttpStreams } from '../drivers/http-stream.ts';
import { systemListeners } from '../drivers/listeners.ts';
import { loadSigner } from '../drivers/signer.ts';
import type { GateWorld } from '../gates/gate-world.ts';
import type { Head } from '../ports/work-tree.ts';
import { WorldError } from '../ports/world-error.ts';
import { InvalidInput, UsageError, type Terminal } from './command.ts';
import { verifyScripts } from './gates-scripts.ts';
import { version } from './version.ts';
import { describeHost, makeSystem } from './world.ts';

export async function makeGateWorld(
  terminal: Terminal,
  { sign }: { readonly sign?: string | undefined } = {},
): Promise<GateWorld> {
  const system = makeSystem(terminal);
  const searchPath = terminal.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
  const signer = sign === undefined ? undefined : await loadSigner(sign);
  return {
    ...system,
    streams: systemHttpStreams,
    listeners: systemListeners,
    targets: makeGateTargets({ locks: system.locks, searchPath }),
    trees: makeWorkTrees({ ...system, env: terminal.env }),
    searchPath,
    host: describeHost(),
    pid: terminal.pid,
    toolVersion: version,
    ...(signer === undefined ? {} : { signer }),
    ownEnvironment: () => terminal.env,
    verifyScripts: (asked) => asWorldTrouble(() => verifyScripts(asked, terminal)),
    checkAudit: (asked) => checkAuditOf(asked, terminal),
    readFindings: (inputs, folder) => readFindings(inputs, { ...terminal, cwd: folder }),
  };
}

/** What the commit under test is; undefined outside a repository. */
export async function findHead(world: GateWorld, folder: string): Promise<Head | undefined> {
  try {
    return await world.trees.head(folder);
  } catch (error) {
    if (error instanceof WorldError) return undefined;
    throw error;
  }
}

/** A pack with errors, or a selection of nothing, is the testbed's trouble here. */
async function checkAuditOf(
  { pack, here, store, rows, phase, maxAge }: Parameters<GateWorld['checkAudit']>[0],
  terminal: Terminal,
): ReturnType<GateWorld['checkAudit']> {
  const { openAudit } = await import('./audit-open.ts');
  const { checkAudit } = await import('../audit/check-audit.ts');
  const phaseText = phase === undefined ? undefined : String(phase);
  const values = { pack, store, rows, phase: phaseText, 'max-age': maxAge, release: true };
  try {
    const quiet = { ...terminal, cwd: here, out: () => undefined };
    const { audit, selection } = await openAudit(values, quiet);
    return { answer: checkAudit(audit, selection) };
  } catch (error) {
    if (error instanceof InvalidInput)
      return { problem: 'the pack has errors, told on standard error' };
    if (error instanceof UsageError) return { problem: error.message };
    throw error;
  }
}

/** What would end a command as a wrong input is trouble of one check, and the others go on. */
async function asWorldTrouble<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidInput)
      throw new WorldError('unavailable', 'a file has errors, told on standard error');
    if (error instanceof UsageError) throw new WorldError('unavailable', error.message);
    throw error;
  }
}

/** Inputs that cannot be trusted end a command with code 2; here they are the testbed's trouble. */
async function readFindings(
  inputs: readonly string[],
  terminal: Terminal,
): ReturnType<GateWorld['readFindings']> {
  const { classifyInputs } = await import('./findings-classify.ts');
  const { makeBaseline } = await import('../findings/baseline.ts');
  try {
    const quiet = { ...terminal, out: () => undefined };
    const classification = await classifyInputs({ input: inputs }, quiet, 'none');
    return { baseline: { ...makeBaseline(classification), fingerprinted: true } };
  } catch (error) {
    if (error instanceof UsageError || error instanceof InvalidInput)
      return { problem: error.message };
    throw error;
  }
}
