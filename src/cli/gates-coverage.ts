// Coverage reports as `gates coverage` reads, shows and keeps them.

import { resolve } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { systemClock } from '../drivers/clock.ts';
import { readCoverage } from '../gates/coverage-formats.ts';
import {
  fileFractions,
  mergeCoverage,
  percent,
  totalOf,
  type Coverage,
  type Fraction,
} from '../gates/coverage.ts';
import { recordedPath, renderRecorded } from '../gates/recorded-coverage.ts';
import { text, UsageError, type Terminal, type Values } from './command.ts';
import { many } from './findings-options.ts';
import { findHead, makeGateWorld } from './gates-world.ts';

type Files = Readonly<Record<string, Fraction>>;
const reportMaxBytes = 256 * 1024 * 1024;

const workspaceOf = (values: Values, { cwd }: Terminal): string =>
  resolve(cwd, text(values, 'workspace') ?? '.');

/** Ends with code 2 when a report cannot be trusted. */
export async function readReports(
  reports: readonly string[],
  values: Values,
  terminal: Terminal,
): Promise<Files> {
  if (reports.length === 0) throw new UsageError('report is missing');
  const parts: Coverage[] = [];
  for (const report of reports) {
    const path = resolve(terminal.cwd, report);
    if ((await systemFiles.stat(path))?.kind !== 'file')
      throw new UsageError(`there is no file ${report}`);
    const reading = readCoverage(await systemFiles.readText(path, reportMaxBytes), {
      root: workspaceOf(values, terminal),
      strip: text(values, 'strip'),
      map: mapOf(values),
    });
    if ('problems' in reading) throw new UsageError(`${report}: ${reading.problems.join('; ')}`);
    parts.push(reading.coverage);
  }
  return fileFractions(mergeCoverage(parts));
}

function mapOf(values: Values): Readonly<Record<string, string>> {
  const pairs = many(values, 'map').map((pair): [string, string] => {
    const [from = '', ...to] = pair.split('=');
    if (from === '' || to.length === 0)
      throw new UsageError(`--map takes A=B, not ${JSON.stringify(pair)}`);
    return [from, to.join('=')];
  });
  return Object.fromEntries(pairs);
}

export function renderCoverage(files: Files, json: boolean): string {
  const rows = Object.entries(files).map(([path, each]) => ({
    path,
    ...each,
    rate: percent(each),
  }));
  const total = { ...totalOf(files), rate: percent(totalOf(files)) };
  if (json) return `${JSON.stringify({ files: rows, total })}\n`;
  return [...rows, { path: 'all', ...total }]
    .map(
      ({ path, rate, covered, total: all }) =>
        `${rate.padStart(10)}  ${String(covered)}/${String(all)}  ${path}\n`,
    )
    .join('');
}

export async function recordCoverage(
  files: Files,
  values: Values,
  terminal: Terminal,
): Promise<{ readonly path: string; readonly commit: string; readonly figures: string }> {
  const world = await makeGateWorld(terminal);
  const workspace = workspaceOf(values, terminal);
  const head = await findHead(world, workspace);
  if (head === undefined) throw new UsageError(`${workspace} is in no repository`);
  if (head.dirty) throw new UsageError('the work tree holds changes that no commit has');
  const folder = resolve(terminal.cwd, text(values, 'recorded') ?? '.seatrial/coverage');
  await systemFiles.makeDirectory(folder);
  const path = recordedPath(folder, head.commit);
  const recorded = renderRecorded(head.commit, systemClock.now().toISOString(), files);
  await systemFiles.replace(path, recorded, 0o644);
  return { path, commit: head.commit, figures: percent(totalOf(files)) };
}
