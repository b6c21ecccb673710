import type { Classification } from '../findings/classification-schema.ts';
import { printable } from '../diagnostics/printable.ts';
import { renderFindingsMarkdown } from '../reporters/findings-markdown.ts';
import { flag, text, type Input, type Terminal, type Values } from './command.ts';
import { exit } from './exit-codes.ts';
import { classifyInputs } from './findings-classify.ts';
import { writeTextFile } from './findings-files.ts';
import { recordHistory } from './findings-history.ts';
import { count } from './aether-options.ts';
import { defaults } from './findings-options.ts';
import { printWarnings } from './findings-suppressions.ts';

export async function runClassify({ values }: Input, terminal: Terminal): Promise<number> {
  const keep =
    text(values, 'history-keep') === undefined ? undefined : count(values, 'history-keep', 1);
  const classification = await classifyInputs(values, terminal);
  const { summary } = classification;
  const output = text(values, 'output') ?? defaults.classification;
  await writeTextFile(output, renderClassification(classification), terminal);
  const markdown = text(values, 'markdown') ?? defaults.markdown;
  await writeTextFile(markdown, renderFindingsMarkdown(classification), terminal);
  if (!flag(values, 'no-history') && summary.limited === undefined)
    await recordHistory(classification, text(values, 'history-dir') ?? defaults.history, {
      terminal,
      keep,
    });
  printWarnings(summary.suppressions, terminal);
  terminal.out(flag(values, 'json') ? `${JSON.stringify(summary)}\n` : told(summary, output));
  return verdictOf(summary, values);
}

/** One workflow a line, so that a change of one is a change of one line. */
function renderClassification({ workflows, summary }: Classification): string {
  const lines = workflows.map((each) => JSON.stringify(each)).join(',\n');
  return `{"workflows":[\n${lines}\n],\n"summary":${JSON.stringify(summary)}}\n`;
}

type Summary = Classification['summary'];

function told(summary: Summary, output: string): string {
  const { total, failed, suppressed_failures, unsuppressed_failures, flaky } = summary;
  const head = `${String(failed)} of ${String(total)} failed, ${String(suppressed_failures)} set aside, ${String(unsuppressed_failures)} not`;
  const lines = Object.entries(summary.categories).map(
    ([name, each]) => `${String(each.count).padStart(8)}  ${name}`,
  );
  const causes = summary.causes.slice(0, causesShown).map(renderCause);
  const unsteady = flaky.length === 0 ? [] : [`${String(flaky.length)} flaky, not counted`];
  return `${[head, ...lines, ...causes, ...unsteady, `written to ${output}`].join('\n')}\n`;
}

const causesShown = 5;

const renderCause = ({ findings, rule, message }: Summary['causes'][number]): string =>
  printable(`${String(findings).padStart(8)} × ${rule}: ${message.slice(0, 100)}`);

function verdictOf(
  { failed, unsuppressed_failures, suppressions }: Summary,
  values: Values,
): number {
  const failures = { none: 0, unsuppressed: unsuppressed_failures, any: failed };
  const asked = (text(values, 'fail-on') ?? 'none') as keyof typeof failures;
  const unused = suppressions.some(({ code }) => code === 'W_SUPPRESS_UNUSED');
  const fails = failures[asked] > 0 || (flag(values, 'fail-on-unused') && unused);
  return fails ? exit.failed : exit.passed;
}
