// The gates file that a command works on, with its problems told.

import { dirname, join, resolve } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { nearest } from '../diagnostics/nearest.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import type { Gate, GatesFile } from '../gates/gate-schema.ts';
import { flag, text, UsageError, type Option, type Terminal, type Values } from './command.ts';
import { display, openProblemReport } from './load-manifest.ts';
import { packFolder } from './packs.ts';

export const gatesFileOptions: readonly Option[] = [
  { name: 'file', value: 'FILE', summary: 'the gates (default ./gates.yaml)' },
  { name: 'pack', value: 'NAME', summary: 'or those of a shipped pack, or of a folder' },
];

export type OpenedGates = {
  readonly path: string;
  /** As it is shown and recorded. */
  readonly shown: string;
  readonly folder: string;
  /** Hex SHA-256 of the file. */
  readonly digest: string;
  readonly file: GatesFile;
};

export async function openGates(values: Values, terminal: Terminal): Promise<OpenedGates> {
  const [named, pack] = [text(values, 'file'), text(values, 'pack')];
  if (named !== undefined && pack !== undefined)
    throw new UsageError('--file and --pack exclude each other', 'leave one out');
  const path =
    pack === undefined
      ? resolve(terminal.cwd, named ?? 'gates.yaml')
      : join(packFolder(pack, terminal.cwd), 'gates.yaml');
  if ((await systemFiles.stat(path)) === undefined)
    throw new UsageError(`no gates file at ${path}`, '--file names one, --pack a shipped pack');
  const { gatesFileMaxBytes, loadGates } = await import('../gates/load-gates.ts');
  const bytes = await systemFiles.read(path, gatesFileMaxBytes + 1);
  const { source, gates, problems } = loadGates(display(path), bytes);
  const report = openProblemReport(terminal, flag(values, 'json'));
  report.add({ source, diagnostics: problems });
  report.end();
  return {
    ...{ path, shown: display(path), folder: dirname(path), digest: sha256Hex(bytes) },
    // Without one there was an error, and the report has ended the command.
    file: gates as GatesFile,
  };
}

/** A gate by name; a usage error names the nearest. */
export function gateNamed({ file, shown }: OpenedGates, name: string): Gate {
  const gate = Object.hasOwn(file.gates, name) ? file.gates[name] : undefined;
  if (gate !== undefined) return gate;
  const names = Object.keys(file.gates);
  const guess = nearest(name, names);
  throw new UsageError(
    `no gate ${JSON.stringify(name)} in ${shown}`,
    guess === undefined ? `known: ${names.join(', ')}` : `did you mean ${guess}?`,
  );
}
