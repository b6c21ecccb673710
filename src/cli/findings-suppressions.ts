// The suppressions of a command: both forms, with every problem printed in its place.

import { makeSource } from '../diagnostics/source.ts';
import type { FileProblems } from '../diagnostics/file-problems.ts';
import { renderJson } from '../diagnostics/render-json.ts';
import { renderProblems } from '../diagnostics/render.ts';
import { readSuppressionList } from '../findings/read-suppression-list.ts';
import { entriesOf, readSuppressions } from '../findings/read-suppressions.ts';
import type { SuppressionWarning } from '../findings/suppression-warnings.ts';
import type { Entry } from '../findings/suppression.ts';
import { printable } from '../diagnostics/printable.ts';
import { flag, InvalidInput, text, UsageError, type Terminal, type Values } from './command.ts';
import { readTextIfThere } from './findings-files.ts';
import { defaults } from './findings-options.ts';

/** Ends with code 2 when a file has an error; a file that was asked for must be there. */
export async function loadEntries(values: Values, terminal: Terminal): Promise<readonly Entry[]> {
  const [records, list] = [
    await read(values, 'suppressions', terminal),
    await read(values, 'suppression-list', terminal),
  ];
  const problems: FileProblems[] = [];
  const entries: Entry[] = [];
  if (records !== undefined) {
    const source = makeSource(records.path, records.content);
    const reading = readSuppressions(source);
    problems.push({ source, diagnostics: reading.problems });
    entries.push(...entriesOf(source, reading.records));
  }
  if (list !== undefined) {
    const source = makeSource(list.path, list.content);
    const reading = readSuppressionList(source);
    problems.push({ source, diagnostics: reading.problems });
    entries.push(...reading.entries);
  }
  refuse(problems, values, terminal);
  return entries;
}

function refuse(problems: readonly FileProblems[], values: Values, terminal: Terminal): void {
  const found = problems.filter(({ diagnostics }) => diagnostics.length > 0);
  if (found.length === 0) return;
  if (flag(values, 'json')) terminal.out(`${JSON.stringify({ problems: renderJson(found) })}\n`);
  else terminal.err(`${renderProblems(found)}\n`);
  throw new InvalidInput('invalid suppressions');
}

const usual = { suppressions: defaults.suppressions, 'suppression-list': defaults.list } as const;

async function read(values: Values, name: keyof typeof usual, terminal: Terminal) {
  const asked = text(values, name);
  const path = asked ?? usual[name];
  const content = await readTextIfThere(path, terminal);
  if (content === undefined && asked !== undefined) throw new UsageError(`there is no ${path}`);
  return content === undefined ? undefined : { path, content };
}

export function printWarnings(warnings: readonly SuppressionWarning[], terminal: Terminal): void {
  for (const { code, message, file, line, fingerprint } of warnings) {
    const where = file === undefined ? '' : `${file}:${String(line ?? 1)}: `;
    const what = fingerprint === undefined ? '' : `${fingerprint}: `;
    terminal.err(printable(`${where}warning[${code}]: ${what}${message}`) + '\n');
  }
}
