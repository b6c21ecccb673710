// Runs a Python file through pytest, once, and reads its JUnit report. pytest's exit code alone
// proves nothing: an answer needs a case in the report.

import { chmod, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type {
  OverlayEvidence,
  OverlayOutcome,
  ReportedCase,
  TestReport,
} from '../../ports/overlays.ts';
import type { ProcessResult } from '../../ports/processes.ts';
import type { Job, World } from './job.ts';
import { allAs, outcome, outputEvidence, sayEnding } from './outcome.ts';
import { pytestPlugin, pytestPluginName } from './pytest-plugin.ts';

const startMs = 30_000;
const reportMax = 8 << 20;
const worstFirst = ['failed', 'error', 'inconclusive', 'passed'] as const;
/** pytest's exit codes that leave no answer standing. */
const brokenExits: Readonly<Record<number, string>> = {
  2: 'the tests could not be collected',
  3: 'pytest failed',
  4: 'pytest was called wrongly',
};

export async function runPytest(job: Job, world: World): Promise<readonly OverlayOutcome[]> {
  const python = await world.processes.find('python3');
  if (python === undefined) return allAs(job.selection, 'error', 'unavailable: no python3');
  const path = join(job.folder, job.selection.path);
  const reportPath = join(job.results, 'pytest.xml');
  const names = job.selection.checks.map(({ name }) => name);
  await writeShown(join(job.scratch, `${pytestPluginName}.py`), pytestPlugin);
  await writeShown(join(job.scratch, 'order.json'), JSON.stringify({ names, facts: job.facts }));
  for (const { id } of job.selection.checks) job.onStart(id);
  const timeoutMs = startMs + job.timeoutMs * names.length;
  const result = await world.processes.run({
    argv: [
      python,
      ...['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-p', pytestPluginName],
      ...['-o', 'junit_family=xunit2', `--junitxml=${reportPath}`, path],
    ],
    // A private folder, which Python also searches for the plugin: the sources are a read-only copy.
    cwd: job.scratch,
    env: { ...job.env, PYTHONDONTWRITEBYTECODE: '1' },
    timeoutMs,
    outputLimitBytes: world.outputLimitBytes,
    ...(job.signal === undefined ? {} : { signal: job.signal }),
  });
  const report = await readReport(reportPath);
  const evidence = [...report.evidence, ...outputEvidence(result)];
  const trouble = explainTrouble(result, report.text, timeoutMs);
  if (trouble !== undefined) return allAs(job.selection, 'error', trouble, { evidence });
  return judge(job, await world.readers.readJunit(report.text ?? ''), result, evidence);
}

/** Readable for the user of a sandbox, whatever the mask of the caller. */
async function writeShown(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o644);
}

async function readReport(
  path: string,
): Promise<{ readonly text?: string; readonly evidence: readonly OverlayEvidence[] }> {
  try {
    const bytes = new Uint8Array(await readFile(path));
    if (bytes.length > reportMax) return { evidence: [] };
    const evidence = [{ name: 'pytest.xml', mediaType: 'application/xml', bytes }];
    return { text: Buffer.from(bytes).toString('utf8'), evidence };
  } catch {
    // It was not written; what pytest said on its output is told instead.
    return { evidence: [] };
  }
}

function explainTrouble(
  result: ProcessResult,
  report: string | undefined,
  timeoutMs: number,
): string | undefined {
  const { exitCode } = result;
  if (result.timedOut || result.cancelled || exitCode === undefined)
    return sayEnding(result, timeoutMs);
  if (Buffer.from(result.stderr).toString('utf8').includes('No module named pytest'))
    return 'unavailable: python3 has no pytest';
  const broken = brokenExits[exitCode];
  if (broken !== undefined) return `${broken} (exit code ${String(exitCode)})`;
  if (exitCode !== 5 && (exitCode > 1 || report === undefined))
    return `pytest left no report: ${sayEnding(result, timeoutMs)}`;
  return undefined;
}

function judge(
  job: Job,
  report: TestReport,
  result: ProcessResult,
  evidence: readonly OverlayEvidence[],
): readonly OverlayOutcome[] {
  const stem = basename(job.selection.path, '.py');
  const byName = new Map<string, ReportedCase[]>();
  for (const each of report.cases) {
    const name = nameOf(each, stem);
    byName.set(name, [...(byName.get(name) ?? []), each]);
  }
  const broken = report.problems.length > 0 && result.exitCode !== 5;
  // The plugin deselects what was not asked, so only a forged report holds more.
  const foreign = [...byName.keys()].find(
    (name) => !job.selection.checks.some((check) => check.name === name),
  );
  if (job.root !== undefined && foreign !== undefined)
    return allAs(
      job.selection,
      'error',
      `the report holds a result that was not asked: ${foreign}`,
      {
        evidence,
      },
    );
  return job.selection.checks.map(({ id, name }) => {
    const cases = byName.get(name) ?? [];
    const answer =
      broken && cases.every((each) => each.verdict === 'passed')
        ? { verdict: 'error' as const, message: report.problems.join('; ') }
        : judgeCases(cases);
    const durationMs = cases.reduce((sum, each) => sum + (each.durationMs ?? 0), 0);
    return outcome(id, answer.verdict, answer.message, { durationMs, evidence });
  });
}

/** All parameters of a function, and its teardown, are one check: the worst of them. */
function judgeCases(cases: readonly ReportedCase[]): Pick<OverlayOutcome, 'verdict' | 'message'> {
  const worst = worstFirst
    .map((verdict) => cases.find((each) => each.verdict === verdict))
    .find((each) => each !== undefined);
  if (worst === undefined) return { verdict: 'not-run', message: 'pytest did not run it' };
  const count = cases.length === 1 ? '' : ` (of ${String(cases.length)} cases)`;
  const said = worst.message === '' ? worst.verdict : worst.message;
  return { verdict: worst.verdict, message: `${said}${count}` };
}

/** `TestA::test_x` of a case whose class name is `folder.test_file.TestA` and whose name is `test_x[1]`. */
function nameOf({ suites, name }: ReportedCase, stem: string): string {
  const path = (suites.at(-1) ?? '').split('.');
  const classes = path.slice(path.lastIndexOf(stem) + 1);
  return [...classes, name.replace(/\[.*$/s, '')].join('::');
}
