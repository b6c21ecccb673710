import type { Files } from '../ports/files.ts';
import type { JsonObject } from '../ports/json.ts';
import { judged, unasked, type Ask, type AskContext, type GateAnswer } from './ask.ts';
import { runCommand } from './ask-command.ts';
import type { CheckOf } from './check-schema.ts';
import {
  changedLines,
  fileFractions,
  isBelow,
  mergeCoverage,
  percent,
  totalOf,
  type Coverage,
  type Fraction,
} from './coverage.ts';
import { readCoverage } from './coverage-formats.ts';
import { readRecorded, recordedPath, type RecordedCoverage } from './recorded-coverage.ts';
import { resolvePath } from './resolve-path.ts';

type Check = CheckOf<'coverage'>;
type Head = { readonly coverage: Coverage; readonly files: Readonly<Record<string, Fraction>> };

const reportMaxBytes = 256 * 1024 * 1024;

/** What fell is `failed`; a report or a base that cannot be trusted is `error`. */
export const askCoverage: Ask<'coverage'> = async (check, context) => {
  const { world, here } = context;
  const workspace = resolvePath(here, check.workspace ?? '.');
  if (check.run !== undefined) {
    const ran = await runCommand(check.run, { cwd: workspace }, context);
    if ('trouble' in ran) return ran.trouble;
    if (ran.result.exitCode !== 0)
      return unasked(
        `the command that makes the reports ended with ${String(ran.result.exitCode)}`,
      );
  }
  const head = await readHead(check, workspace, context);
  if ('verdict' in head) return head;
  const total = totalOf(head.files);
  if (check.rule === 'real')
    return judged([], `${percent(total)} of ${String(total.total)} lines`, {
      facts: { head: percent(total), files: Object.keys(head.files).length },
    });
  const commit = await world.trees.mergeBase(workspace, check.base);
  const base = await readBase(check, commit, context);
  if ('verdict' in base) return base;
  return check.rule === 'total'
    ? judgeTotal(total, base, check)
    : judgeFiles(head, base, { check, workspace, context });
};

async function readHead(
  check: Check,
  workspace: string,
  { world, since, maxAgeMs }: AskContext,
): Promise<Head | GateAnswer> {
  const parts: Coverage[] = [];
  for (const path of check.reports) {
    const file = resolvePath(workspace, path);
    const stat = await world.files.stat(file);
    if (stat?.kind !== 'file') return unasked(`there is no report ${path}`);
    const oldest =
      maxAgeMs === undefined ? since.getTime() : world.clock.now().getTime() - maxAgeMs;
    // File systems keep whole seconds in places; a report of this run may look a second older.
    if (stat.modifiedMs < oldest - 1000) return unasked(`the report ${path} is not of this run`);
    const reading = readCoverage(await readText(world.files, file), {
      root: workspace,
      strip: check.strip,
      map: check.map,
    });
    if ('problems' in reading) return unasked(`${path}: ${reading.problems.join('; ')}`);
    parts.push(reading.coverage);
  }
  const coverage = mergeCoverage(parts);
  return { coverage, files: fileFractions(coverage) };
}

const readText = (files: Files, path: string): Promise<string> =>
  files.readText(path, reportMaxBytes);

async function readBase(
  check: Check,
  commit: string,
  { world, here }: AskContext,
): Promise<RecordedCoverage | GateAnswer> {
  const path = recordedPath(resolvePath(here, check.recorded), commit);
  if ((await world.files.stat(path)) === undefined)
    return unasked(`no coverage is recorded for the base commit ${commit.slice(0, 12)}`);
  const recorded = readRecorded(await readText(world.files, path), commit);
  return 'fault' in recorded ? unasked(`${path}: ${recorded.fault}`) : recorded;
}

function judgeTotal(total: Fraction, base: RecordedCoverage, { tolerance }: Check): GateAnswer {
  const before = totalOf(base.files);
  const told = `${percent(total)} against ${percent(before)}`;
  return judged(isBelow(total, before, tolerance) ? [`coverage fell: ${told}`] : [], told, {
    facts: coverageFacts(total, before, base.commit),
  });
}

const coverageFacts = (head: Fraction, base: Fraction, commit: string): JsonObject => ({
  coverage: {
    head: percent(head),
    base: percent(base),
    head_lines: { ...head },
    base_lines: { ...base },
    base_commit: commit,
  },
});

async function judgeFiles(
  head: Head,
  base: RecordedCoverage,
  {
    check,
    workspace,
    context,
  }: { readonly check: Check; readonly workspace: string; readonly context: AskContext },
): Promise<GateAnswer> {
  const changes = await context.world.trees.changes(workspace, base.commit);
  const drops = changes.flatMap(({ path }) => {
    const [now, before] = [head.files[path], base.files[path]];
    if (now === undefined || before === undefined) return [];
    return isBelow(now, before, check.tolerance)
      ? [`${path} fell: ${percent(now)} against ${percent(before)}`]
      : [];
  });
  const total = totalOf(head.files);
  const { fraction, uncovered } = changedLines(head.coverage, changes);
  const wanted =
    check.min_changed === undefined
      ? total
      : { covered: Math.round(check.min_changed * 10_000), total: 1_000_000 };
  const short = fraction.total > 0 && isBelow(fraction, wanted);
  const faults = [
    ...drops,
    ...(short ? [`changed lines: ${percent(fraction)}, not ${percent(wanted)}`] : []),
  ];
  return judged(faults, `changed lines ${percent(fraction)}, no file fell`, {
    facts: {
      ...coverageFacts(total, totalOf(base.files), base.commit),
      file_drops: drops,
      changed_lines: percent(fraction),
      uncovered: uncovered.slice(0, 100),
    },
  });
}
