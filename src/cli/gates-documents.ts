// The documents of a gate run, made from its records: right after it, or years later.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { signStatement } from '../evidence/attest.ts';
import type { RunState } from '../evidence/run-state.ts';
import { renderResults, resultsFile } from '../gates/gate-results.ts';
import { reportGates, type GatesReport } from '../gates/gates-report.ts';
import { gatesStatement, type SignOffFiles } from '../gates/sign-gates.ts';
import { renderSignOff, signOffAttestation, signOffFile } from '../gates/sign-off.ts';
import type { Signer } from '../ports/signer.ts';
import { UsageError } from './command.ts';

export type GateDocuments = SignOffFiles & { readonly report: GatesReport };

/** `root`: of the bundle. */
export async function makeDocuments(state: RunState, root: string): Promise<GateDocuments> {
  const report = reportGates(state);
  if (report === undefined)
    throw new UsageError(
      `run ${state.started.run} is not one of gates`,
      'seatrial report renders the reports of other runs',
    );
  const journalDigest = await digestOf(`${root}/journal.jsonl`);
  const results = renderResults(report, journalDigest);
  return { report, journalDigest, results, signOff: renderSignOff(report, results) };
}

export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of systemFiles.stream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** Both files, each whole or as it was; signed when there is a key and nothing was planted. */
export async function writeDocuments(
  documents: GateDocuments,
  out: string,
  signer: Signer | undefined,
): Promise<void> {
  await systemFiles.makeDirectory(out);
  await systemFiles.replace(join(out, resultsFile), documents.results, 0o644);
  await systemFiles.replace(join(out, signOffFile), documents.signOff, 0o644);
  if (signer === undefined || documents.report.state.started.canary !== undefined) return;
  const line = await signStatement(gatesStatement(documents.report, documents), signer);
  await systemFiles.replace(join(out, signOffAttestation), `${line}\n`, 0o644);
}
