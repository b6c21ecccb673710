// Runs a program that is one check, and reads its exit code together with the report it may give.

import { lstat, readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type {
  OverlayEvidence,
  OverlayOutcome,
  OverlayReaders,
  OverlayVerdict,
  TestReport,
} from '../../ports/overlays.ts';
import type { ProcessResult } from '../../ports/processes.ts';
import type { Job, World } from './job.ts';
import { outcome, outputEvidence, sayEnding } from './outcome.ts';

const resultsLimits = { files: 64, each: 1 << 20, total: 8 << 20 } as const;
const mediaTypes: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.xml': 'application/xml',
  '.html': 'text/html',
  '.png': 'image/png',
  '.txt': 'text/plain',
  '.log': 'text/plain',
  '.tap': 'text/plain',
};
/** Worst first. */
const order: readonly OverlayVerdict[] = ['failed', 'error', 'inconclusive', 'passed'];

type Answer = { readonly verdict: OverlayVerdict; readonly message: string };

/** One outcome for each id of the file, of which there is one. */
export async function runExecutable(
  job: Job,
  executable: boolean,
  world: World,
): Promise<readonly OverlayOutcome[]> {
  const path = join(job.folder, job.selection.path);
  for (const { id } of job.selection.checks) job.onStart(id);
  const result = await world.processes.run({
    argv: executable ? [path] : ['/bin/sh', path],
    cwd: job.folder,
    env: job.env,
    timeoutMs: job.timeoutMs,
    outputLimitBytes: world.outputLimitBytes,
    ...(job.signal === undefined ? {} : { signal: job.signal }),
  });
  const kept = await readResults(job.results);
  const ids = job.selection.checks.map(({ id }) => id);
  const answer = await judge(result, kept.evidence, { ...world, ids, timeoutMs: job.timeoutMs });
  const evidence = [...outputEvidence(result), ...kept.evidence];
  const message = [answer.message, ...kept.left].join('; ');
  return job.selection.checks.map(({ id }) =>
    outcome(id, answer.verdict, message, {
      durationMs: result.durationMs,
      evidence,
    }),
  );
}

type Asked = Pick<World, 'readers'> & {
  readonly ids: readonly string[];
  readonly timeoutMs: number;
};

async function judge(
  result: ProcessResult,
  evidence: readonly OverlayEvidence[],
  { readers, ids, timeoutMs }: Asked,
): Promise<Answer> {
  const byExit = judgeExit(result, timeoutMs);
  if (result.exitCode === undefined || result.timedOut || result.cancelled) return byExit;
  const reports = await readReports(result, evidence, readers);
  const foreign = reports
    .flatMap(({ cases }) => cases)
    .find(({ name }) => /^(?:floor|run|overlay)\.[a-z]/.test(name) && !ids.includes(name));
  if (foreign !== undefined)
    return { verdict: 'error', message: `the report claims a result for ${foreign.name}` };
  const answers: readonly Answer[] = [...reports, byExit];
  const worst = order.find((verdict) => answers.some((each) => each.verdict === verdict));
  const decisive = answers.find((each) => each.verdict === worst) ?? byExit;
  // Where program and report disagree, a reader wants to know what either said.
  return reports.length > 0 && reports.some((each) => each.verdict !== byExit.verdict)
    ? { ...decisive, message: answers.map((each) => each.message).join('; ') }
    : decisive;
}

function judgeExit(result: ProcessResult, timeoutMs: number): Answer {
  const message = sayEnding(result, timeoutMs);
  if (result.timedOut || result.cancelled) return { verdict: 'error', message };
  if (result.exitCode === 0) return { verdict: 'passed', message: 'exit code 0' };
  if (result.exitCode === 1) return { verdict: 'failed', message: sayLastLine(result) };
  if (result.exitCode === 77)
    return { verdict: 'inconclusive', message: 'exit code 77: it could not judge' };
  return { verdict: 'error', message };
}

function sayLastLine({ stdout, stderr }: ProcessResult): string {
  const last = [stderr, stdout]
    .map((bytes) => Buffer.from(bytes).toString('utf8').trimEnd().split('\n').at(-1)?.trim() ?? '')
    .find((line) => line !== '');
  return last === undefined ? 'exit code 1' : `exit code 1: ${last.slice(0, 500)}`;
}

/** Reports on standard output and in files of the results folder. A cut report is a broken one. */
async function readReports(
  result: ProcessResult,
  evidence: readonly OverlayEvidence[],
  { readTap, readJunit, kindOfReport }: OverlayReaders,
): Promise<readonly TestReport[]> {
  const stdout = Buffer.from(result.stdout).toString('utf8');
  const kind = kindOfReport(stdout);
  const read = { tap: readTap, junit: readJunit };
  const printed = kind === undefined ? [] : [await read[kind](stdout)];
  const written: TestReport[] = [];
  for (const { name, bytes } of evidence) {
    const text = Buffer.from(bytes).toString('utf8');
    if (name.endsWith('.xml')) written.push(await readJunit(text));
    if (name.endsWith('.tap')) written.push(readTap(text));
  }
  const cut: readonly TestReport[] =
    kind !== undefined && result.droppedBytes > 0
      ? [
          {
            verdict: 'error',
            message: 'the output is too long to be read',
            cases: [],
            problems: [],
          },
        ]
      : [];
  return [...printed, ...written, ...cut];
}

/** Plain files directly in the results folder, as evidence; `left` says what is not kept. */
async function readResults(
  folder: string,
): Promise<{ readonly evidence: readonly OverlayEvidence[]; readonly left: readonly string[] }> {
  const evidence: OverlayEvidence[] = [];
  const left: string[] = [];
  let total = 0;
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    const stat = await lstat(path);
    total += stat.size;
    const fits =
      stat.isFile() &&
      stat.size <= resultsLimits.each &&
      total <= resultsLimits.total &&
      evidence.length < resultsLimits.files &&
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/.test(name);
    if (fits)
      evidence.push({
        name,
        mediaType: mediaTypes[extname(name)] ?? 'application/octet-stream',
        bytes: new Uint8Array(await readFile(path)),
      });
    else left.push(`${JSON.stringify(name.slice(0, 80))} of the results is not kept`);
  }
  return { evidence, left: left.slice(0, 3) };
}
