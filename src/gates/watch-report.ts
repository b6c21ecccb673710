// watch_report.md and watch_report.json; pure functions of the records of a watch.

import type { RunState } from '../evidence/run-state.ts';
import type { Verdict } from '../evidence/verdict.ts';
import { spokenDuration } from './duration.ts';
import { inert } from './sign-off-text.ts';
import { judgeWatch, slotsOf, type JudgedSignal, type JudgedWatch } from './watch-judge.ts';

export const watchReportFile = 'watch_report.md';
export const watchResultsFile = 'watch_report.json';

export type WatchReport = {
  readonly judged: JudgedWatch;
  readonly exitCode: number;
  readonly markdown: string;
  readonly json: string;
};

/** Undefined for a run that is no watch. */
export function reportWatch(state: RunState): WatchReport | undefined {
  const judged = judgeWatch(state);
  if (judged === undefined) return undefined;
  return {
    judged,
    exitCode: exitCodeOf(state, judged.verdict),
    markdown: renderMarkdown(state, judged),
    json: renderJson(state, judged),
  };
}

function exitCodeOf({ ended }: RunState, verdict: Verdict): number {
  if (ended?.outcome === 'crashed') return 70;
  if (ended?.outcome === 'interrupted') return ended.exitCode ?? 130;
  if (verdict === 'failed') return 1;
  return verdict === 'passed' ? 0 : 3;
}

function renderJson(state: RunState, { plan, samples, signals, verdict, ...more }: JudgedWatch) {
  const report = {
    schema: 'urn:seatrial:schema:watch-report:1',
    run_id: state.started.run,
    tool_version: state.started.tool.version,
    verdict,
    ...more,
    begins: plan.begins,
    for_sec: plan.for_ms / 1000,
    interval_sec: plan.interval_ms / 1000,
    settings_file: plan.settings_file,
    target: plan.target,
    data: plan.data,
    continues: plan.continues,
    samples: { due: slotsOf(plan), taken: samples.length, last: samples.at(-1)?.at ?? null },
    signals: signals.map(({ id, title, verdict: own, message, incidents, total }) => ({
      ...{ id, title, verdict: own, message, incidents, incidents_total: total },
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

const marks: Readonly<Record<Verdict, string>> = {
  passed: '✅',
  failed: '❌',
  error: '⚠️',
  inconclusive: '⚠️',
  skipped: '⚪',
  'not-run': '⚪',
};

function renderMarkdown(state: RunState, judged: JudgedWatch): string {
  const { plan, samples, signals, verdict, unfinished } = judged;
  const why = unfinished === undefined ? '' : ` (${unfinished})`;
  const span = `${spokenDuration(plan.for_ms)} from ${plan.begins}, every ${spokenDuration(plan.interval_ms)}`;
  const facts = [
    `- Run: \`${state.started.run}\`, ${inert(`seatrial ${state.started.tool.version}`)}`,
    `- Span: ${span}; ${String(samples.length)} of ${String(slotsOf(plan))} samples`,
    `- Target: ${plan.target === null ? 'none' : inert(plan.target)}; data: ${plan.data === null ? 'none' : inert(plan.data)}`,
    ...plan.continues.map(({ run, head }) => `- Continues run \`${run}\`, head \`${head}\``),
  ];
  const rows = signals.map(
    (each) =>
      `| \`${each.id}\` | ${marks[each.verdict]} ${each.verdict} | ${inert(each.message)} |`,
  );
  return `${[
    '# Watch report',
    `**Verdict: ${verdict.toUpperCase()}**${why}`,
    facts.join('\n'),
    ['| Signal | Verdict | What was seen |', '| --- | --- | --- |', ...rows].join('\n'),
    ...signals.filter(({ total }) => total > 0).map(renderIncidents),
  ].join('\n\n')}\n`;
}

const renderIncidents = ({ id, title, incidents, total }: JudgedSignal): string => {
  const more = total - incidents.length;
  return [
    `## ${inert(title)} (\`${id}\`)\n`,
    ...incidents.map(({ at, message }) => `- ${at}: ${inert(message)}`),
    ...(more > 0 ? [`- and ${String(more)} more`] : []),
  ].join('\n');
};
