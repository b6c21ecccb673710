import type { JsonObject } from '../ports/json.ts';
import { judged, type Ask, type AskContext, type GateAnswer } from './ask.ts';
import type { CheckOf } from './check-schema.ts';
import { changedLines, isBelow, percent, totalOf, type Fraction } from './coverage.ts';
import { readBase, type BaseCoverage } from './coverage-base.ts';
import { makeReports, readReports, type ReadReports } from './coverage-reports.ts';
import { fill } from './placeholders.ts';
import { resolvePath } from './resolve-path.ts';

type Check = CheckOf<'coverage'>;

/** What fell is `failed`; a report or a base that cannot be trusted is `error`. */
export const askCoverage: Ask<'coverage'> = async (check, context) => {
  const workspace = resolvePath(context.here, fill(check.workspace ?? '.', context.values));
  const trouble = await makeReports(check, workspace, context);
  if (trouble !== undefined) return trouble;
  const head = await readReports(check, workspace, context);
  if ('verdict' in head) return head;
  const total = totalOf(head.files);
  if (check.rule === 'real') {
    const baseCommit = await context.world.trees.mergeBase(workspace, check.base);
    return judged([], `${percent(total)} of ${String(total.total)} lines`, {
      facts: {
        head: percent(total),
        files: Object.keys(head.files).length,
        base_commit: baseCommit,
      },
    });
  }
  const base = await readBase(check, workspace, context);
  if ('verdict' in base) return base;
  return check.rule === 'total'
    ? judgeTotal(total, base, check)
    : judgeFiles(head, base, { check, workspace, context });
};

function judgeTotal(total: Fraction, base: BaseCoverage, { tolerance }: Check): GateAnswer {
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
  head: ReadReports,
  base: BaseCoverage,
  {
    check,
    workspace,
    context,
  }: { readonly check: Check; readonly workspace: string; readonly context: AskContext },
): Promise<GateAnswer> {
  const changes = await context.world.trees.changes(workspace, base.commit);
  const drops = changes.flatMap(({ path, status }) => {
    const [now, before] = [head.files[path], base.files[path]];
    if (before === undefined || status === 'deleted') return [];
    if (now === undefined) return [`${path} is no longer measured`];
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
