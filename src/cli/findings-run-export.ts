import type { Classification } from '../findings/classification-schema.ts';
import { readBaseline } from '../findings/read-baseline.ts';
import { renderFindingsJunit } from '../reporters/findings-junit.ts';
import { renderFindingsMarkdown } from '../reporters/findings-markdown.ts';
import { renderSarif } from '../reporters/findings-sarif.ts';
import { flag, text, UsageError, type Input, type Terminal, type Values } from './command.ts';
import { classificationOf } from './findings-classify.ts';
import { readTextFile, refuse, writeTextFile } from './findings-files.ts';
import { version } from './version.ts';

export async function runExport({ values }: Input, terminal: Terminal): Promise<number> {
  const classification = await classificationOf(values, terminal);
  const rendered = await render(classification, values, terminal);
  const output = text(values, 'output');
  if (output === undefined) terminal.out(rendered);
  else await writeTextFile(output, rendered, terminal);
  return 0;
}

async function render(
  classification: Classification,
  values: Values,
  terminal: Terminal,
): Promise<string> {
  const format = text(values, 'format') ?? (flag(values, 'json') ? 'json' : 'sarif');
  if (format === 'json') return `${JSON.stringify(classification, null, 2)}\n`;
  if (format === 'markdown') return renderFindingsMarkdown(classification);
  if (format === 'junit') return renderFindingsJunit(classification);
  const baseline = await knownPrints(text(values, 'baseline'), terminal);
  return renderSarif(classification, {
    version,
    full: flag(values, 'sarif-full'),
    ...(baseline === undefined ? {} : { baseline }),
  });
}

async function knownPrints(
  path: string | undefined,
  terminal: Terminal,
): Promise<ReadonlyMap<string, number> | undefined> {
  if (path === undefined) return undefined;
  const reading = readBaseline(await readTextFile(path, terminal));
  if ('problems' in reading) refuse(path, reading.problems);
  if (!reading.baseline.fingerprinted) throw new UsageError(`${path} has no fingerprints`);
  const counts = new Map<string, number>();
  for (const { findings } of reading.baseline.files)
    for (const { fingerprint } of findings)
      counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
  return counts;
}
