// Coverage reports of a work tree, believed only when they were made for it just now.

import type { Files } from '../ports/files.ts';
import { unasked, type AskContext, type GateAnswer } from './ask.ts';
import { runCommand } from './ask-command.ts';
import { fileFractions, mergeCoverage, type Coverage, type Fraction } from './coverage.ts';
import { readCoverage } from './coverage-formats.ts';
import { resolvePath } from './resolve-path.ts';

export type ReportSettings = {
  readonly run?: [string, ...string[]] | undefined;
  readonly strip?: string | undefined;
  readonly map?: Readonly<Record<string, string>> | undefined;
};

export type ReadReports = {
  readonly coverage: Coverage;
  readonly files: Readonly<Record<string, Fraction>>;
};

const reportMaxBytes = 256 * 1024 * 1024;

/** Runs the command that makes them, if there is one. The answer when that went wrong. */
export async function makeReports(
  { run }: ReportSettings,
  workspace: string,
  context: AskContext,
): Promise<GateAnswer | undefined> {
  if (run === undefined) return undefined;
  const ran = await runCommand(run, { cwd: workspace }, context);
  if ('trouble' in ran) return ran.trouble;
  const { exitCode } = ran.result;
  return exitCode === 0
    ? undefined
    : unasked(`the command that makes the reports ended with ${String(exitCode)}`);
}

/** The text of a report, or why it is not believed. */
export async function readFresh(
  path: string,
  workspace: string,
  { world, since, maxAgeMs }: AskContext,
): Promise<string | GateAnswer> {
  const file = resolvePath(workspace, path);
  const stat = await world.files.stat(file);
  if (stat?.kind !== 'file') return unasked(`there is no report ${path}`);
  const oldest = maxAgeMs === undefined ? since.getTime() : world.clock.now().getTime() - maxAgeMs;
  // File systems keep whole seconds in places; a report of this run may look a second older.
  if (stat.modifiedMs < oldest - 1000) return unasked(`the report ${path} is not of this run`);
  return readText(world.files, file);
}

export const readText = (files: Files, path: string): Promise<string> =>
  files.readText(path, reportMaxBytes);

/** All reports as one. */
export async function readReports(
  check: ReportSettings & { readonly reports: readonly string[] },
  workspace: string,
  context: AskContext,
): Promise<ReadReports | GateAnswer> {
  const parts: Coverage[] = [];
  for (const path of check.reports) {
    const text = await readFresh(path, workspace, context);
    if (typeof text !== 'string') return text;
    const { strip, map } = check;
    const reading = readCoverage(text, { root: workspace, strip, map });
    if ('problems' in reading) return unasked(`${path}: ${reading.problems.join('; ')}`);
    parts.push(reading.coverage);
  }
  const coverage = mergeCoverage(parts);
  return { coverage, files: fileFractions(coverage) };
}
