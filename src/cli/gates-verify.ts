// `gates verify` from its arguments to its exit code.

import { join, resolve } from 'node:path';
import { systemClock } from '../drivers/clock.ts';
import { systemFiles } from '../drivers/files.ts';
import { bundleRoot } from '../evidence/bundle-paths.ts';
import { verifyRunsList } from '../evidence/runs-list.ts';
import { duration, durationMs } from '../gates/duration.ts';
import { resultsFile } from '../gates/gate-results.ts';
import { asObject, parseJson } from '../gates/match.ts';
import { signOffAttestation, signOffFile } from '../gates/sign-off.ts';
import { verifySignOff, type SignOffFinding } from '../gates/verify-sign-off.ts';
import { flag, text, UsageError, type Input, type Terminal, type Values } from './command.ts';
import { exit } from './exit-codes.ts';
import { makeDocuments, type GateDocuments } from './gates-documents.ts';
import { readTrustedKeys } from './signing.ts';
import { openRun, runIds, storeOf } from './store.ts';
import { verifyRuns } from './verify-runs.ts';

const documentMaxBytes = 64 * 1024 * 1024;

export async function runGatesVerify({ args, values }: Input, terminal: Terminal): Promise<number> {
  const folder = resolve(terminal.cwd, args[0] ?? '.');
  const store = resolve(terminal.cwd, storeOf(values, terminal));
  const demands = demandsOf(values);
  const results = await required(folder, resultsFile);
  const signOff = await required(folder, signOffFile);
  const attestation = await optional(folder, signOffAttestation);
  const run = runNamed(results);
  if (run === undefined || !(await runIds(store)).includes(run))
    return answer([missingRun(run)], { values, terminal, signed: attestation !== undefined });
  const { bundles, list } = await verifyRuns(store, [run], {
    terminal,
    strict: false,
    keys: text(values, 'keys'),
  });
  const opened = await openRun(store, run);
  const documents = await makeDocuments(opened.state, bundleRoot(store, run));
  const bundle = bundles.flatMap(({ findings }) => findings);
  const findings: readonly SignOffFinding[] = [
    ...bundle
      .filter(({ severity }) => severity === 'error')
      .map(({ file, message }) => ({ file: `${run}/${file}`, message })),
    ...list
      .filter(({ run: about }) => about === undefined || about === run)
      .map(({ message }) => ({ file: 'runs.jsonl', message })),
    ...(await cutList(store, documents, opened.state.started.store)),
    ...verifySignOff({
      report: documents.report,
      rendered: documents,
      found: { results, signOff, attestation },
      keys: await readTrustedKeys(text(values, 'keys'), terminal),
      now: systemClock.now(),
      ...demands,
    }),
  ];
  return answer(findings, { values, terminal, signed: attestation !== undefined });
}

/** The list must still lead through its head at the start of the run. */
async function cutList(
  root: string,
  { report }: GateDocuments,
  id: string,
): Promise<readonly SignOffFinding[]> {
  const { findings } = await verifyRunsList({ files: systemFiles, root, id }, [
    report.plan.runs_head,
  ]);
  return findings
    .filter(({ code }) => code === 'list-cut')
    .map(({ message }) => ({ file: 'runs.jsonl', message }));
}

function demandsOf(values: Values) {
  const age = text(values, 'max-age');
  if (age !== undefined && !duration.safeParse(age).success)
    throw new UsageError('--max-age takes a time such as 72h or 7d');
  const commit = text(values, 'commit');
  if (commit !== undefined && !/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/u.test(commit))
    throw new UsageError('--commit takes a full commit id');
  return {
    commit,
    maxAgeMs: age === undefined ? undefined : durationMs(age),
    requireGo: flag(values, 'require-go'),
  };
}

async function required(folder: string, name: string): Promise<Uint8Array> {
  const bytes = await optional(folder, name);
  if (bytes === undefined)
    throw new UsageError(`no ${name} in ${folder}`, 'name the folder that gates run wrote to');
  return bytes;
}

async function optional(folder: string, name: string): Promise<Uint8Array | undefined> {
  const path = join(folder, name);
  const stat = await systemFiles.stat(path);
  return stat === undefined ? undefined : systemFiles.read(path, documentMaxBytes);
}

function runNamed(results: Uint8Array): string | undefined {
  const { _meta: meta } = asObject(parseJson(new TextDecoder().decode(results)));
  const { run_id: run } = asObject(meta);
  return typeof run === 'string' && /^[\w-]{1,64}$/u.test(run) ? run : undefined;
}

const missingRun = (run: string | undefined): SignOffFinding => ({
  file: resultsFile,
  message: run === undefined ? 'It names no run.' : `The store holds no run ${run}.`,
});

function answer(
  findings: readonly SignOffFinding[],
  {
    values,
    terminal,
    signed,
  }: { readonly values: Values; readonly terminal: Terminal; readonly signed: boolean },
): number {
  const unsigned = flag(values, 'strict') && !signed;
  const all = unsigned
    ? [...findings, { file: signOffFile, message: 'It is not signed.' }]
    : findings;
  const ok = all.length === 0;
  if (flag(values, 'json')) terminal.out(`${JSON.stringify({ ok, signed, findings: all })}\n`);
  else {
    for (const { file, message } of all) terminal.out(`${file}: ${message}\n`);
    if (ok) terminal.out(`the sign-off holds${signed ? '' : ' (unsigned)'}\n`);
  }
  return ok ? exit.passed : exit.failed;
}
