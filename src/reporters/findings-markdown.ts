// `workflow_failures.md`. Headings are those of the source document.

import type { Classification } from '../findings/classification-schema.ts';
import { cell, code } from './markdown.ts';

const listedMax = 200;

export function renderFindingsMarkdown({ summary }: Classification): string {
  const sections = [
    '# Workflow Failure Classification',
    totals(summary),
    `## Categories\n\n${categories(summary)}`,
    ...causes(summary),
    `## Suppressions\n\n${suppressions(summary)}`,
    `## Notes\n\n${notes(summary)}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

type Summary = Classification['summary'];

const totals = (summary: Summary): string =>
  [
    `- Total: ${String(summary.total)}`,
    `- Failed: ${String(summary.failed)} (${(summary.failure_rate * 100).toFixed(2)} %)`,
    `- Suppressed: ${String(summary.suppressed_failures)}`,
    `- Unsuppressed: ${String(summary.unsuppressed_failures)}`,
    `- Time: ${code(summary.timestamp)}`,
  ].join('\n');

function categories({ categories: all }: Summary): string {
  const rows = Object.entries(all).map(
    ([name, { count, examples }]) =>
      `| ${cell(name)} | ${String(count)} | ${examples.map(cell).join(', ')} |`,
  );
  return ['| Category | Count | Examples |', '| --- | ---: | --- |', ...rows].join('\n');
}

const causesMax = 20;

/** What is broken, rather than how many things it breaks. */
function causes({ causes: all }: Summary): readonly string[] {
  const rows = all
    .slice(0, causesMax)
    .map(
      ({ findings, suppressed, subjects, rule, message, examples }) =>
        `| ${String(findings)} | ${String(suppressed)} | ${String(subjects)} | ${cell(rule)} | ${cell(message)} | ${cell(examples[0] ?? '')} |`,
    );
  if (rows.length === 0) return [];
  const head = '| Findings | Set aside | Subjects | Rule | Message | First in |';
  return [
    'Most frequent causes:',
    [head, '| ---: | ---: | ---: | --- | --- | --- |', ...rows].join('\n'),
  ];
}

function suppressions({ suppressions: warnings, suppressed_findings }: Summary): string {
  const items = warnings.map(({ code: id, message, fingerprint, file, line }) => {
    const where = file === undefined ? '' : ` ${code(`${file}:${String(line ?? 1)}`)}`;
    return `- ${code(id)}${where}${fingerprint === undefined ? '' : ` ${code(fingerprint)}`}: ${code(message)}`;
  });
  const total = `${String(suppressed_findings)} findings are set aside.`;
  return [total, ...(items.length === 0 ? [] : ['', ...cut(items)])].join('\n');
}

function notes({ flaky, waived, limited, inputs, checker }: Summary): string {
  const items = [
    `- Checker: ${code(checker)}, inputs: ${inputs.map(code).join(', ')}`,
    ...(limited === undefined ? [] : ['- Only a part was looked at; this is unfit as a baseline.']),
    ...(waived === 0
      ? []
      : [`- ${String(waived)} findings are suppressed by their tool; they count.`]),
    ...flaky.map(({ path, message }) => `- Flaky, not counted: ${code(path)}: ${code(message)}`),
  ];
  return cut(items).join('\n');
}

const cut = (items: readonly string[]): readonly string[] =>
  items.length <= listedMax
    ? items
    : [...items.slice(0, listedMax), `- … and ${String(items.length - listedMax)} more`];
