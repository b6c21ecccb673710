// A folder of workflows as subjects of findings.

import type { Reading } from '../findings/finding.ts';
import { readCheckedFiles, type CheckedFile } from '../findings/read-checked-files.ts';
import { WorldError } from '../ports/world-error.ts';
import { findFiles, type Found } from './aether-paths.ts';
import { checkWorkflow, type WorkflowChecks } from './findings-workflow.ts';

export type WorkflowOptions = WorkflowChecks & {
  readonly cwd: string;
  readonly extensions: readonly string[];
  /** Paths, relative to the folder, to the ones that are looked at. */
  readonly choose?: (paths: readonly string[]) => ReadonlySet<string>;
};

export async function readWorkflows(folder: string, options: WorkflowOptions): Promise<Reading> {
  const found = [...findFiles([folder], options)].map((each) => ({
    each,
    path: below(folder, each),
  }));
  const chosen = options.choose?.(found.map(({ path }) => path));
  const checked: CheckedFile[] = [];
  for (const { each, path } of found) {
    if (!(chosen?.has(path) ?? true)) continue;
    checked.push(await checkWorkflow(each, path, options));
    // What is told to end has judged only a part, which must not be taken for the whole.
    if (options.execute?.signal.aborted === true)
      throw new WorldError('cancelled', 'told to end before every workflow was run');
  }
  return readCheckedFiles(checked);
}

/** A folder's files go by their path below it; a file that was named goes by its name. */
function below(folder: string, { name, isGiven }: Found): string {
  const prefix = `${folder.replace(/\/+$/, '')}/`;
  return !isGiven && name.startsWith(prefix) ? name.slice(prefix.length) : name;
}
