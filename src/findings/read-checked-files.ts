// Results of a checker of `.aether` files as subjects. The checker lives in a folder that this one may
// not import, so it is described here by what is needed of it.

import { unreadable, type Finding, type Reading, type Subject } from './finding.ts';

export type CheckedDiagnostic = {
  /** Code name of its class: `PARSE_ERROR` … */
  readonly class: string;
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** Absent for rules about the file as a whole. */
  readonly place?: { readonly line: number; readonly column: number };
  /** Tokens of the statement joined by one blank; for rules without a place the path. */
  readonly context: string;
};

export type CheckedFile = {
  /** Relative to the root, `/`-separated. */
  readonly path: string;
  readonly digest?: string;
  readonly phase: string;
  readonly dialect?: string;
  readonly diagnostics: readonly CheckedDiagnostic[];
  readonly signatureVerified?: boolean;
  /** Absent where no risk was looked for. */
  readonly riskScore?: number;
  readonly reference?: NonNullable<Subject['reference']>;
};

/** Warnings are no findings. */
export function readCheckedFiles(files: readonly CheckedFile[]): Reading {
  if (files.length === 0) return unreadable({ message: 'there is no .aether file' });
  return { subjects: files.map(subjectOf), flaky: [], waived: 0, problems: [] };
}

function subjectOf({ diagnostics, ...file }: CheckedFile): Subject {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return { ...file, source: 'aether', findings: errors.map((each) => findingOf(file.path, each)) };
}

function findingOf(subject: string, diagnostic: CheckedDiagnostic): Finding {
  const { class: name, rule, message, context, place } = diagnostic;
  const found = { class: name, rule, message, context, subject, source: 'aether' as const };
  return place === undefined ? found : { ...found, place };
}
