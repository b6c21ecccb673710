// A folder of workflows as subjects of findings: what the checker says about each file, and what a
// fingerprint needs of it.

import { checkBytes } from '../aether/check-text.ts';
import { gatherLines, type Line } from '../aether/layout.ts';
import { scan } from '../aether/lex.ts';
import { bytesMax } from '../aether/limits.ts';
import type { Problem } from '../aether/problem.ts';
import { referenceVerdict } from '../aether/reference.ts';
import type { Registry } from '../aether/registry.ts';
import { ruleClass } from '../aether/rules.ts';
import { placeAt, type Text } from '../aether/text.ts';
import { codeNames } from '../aether/answer.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import type { Checker, Reading } from '../findings/finding.ts';
import {
  readCheckedFiles,
  type CheckedDiagnostic,
  type CheckedFile,
} from '../findings/read-checked-files.ts';
import { findFiles, type Found } from './aether-paths.ts';
import { readFound } from './aether-read.ts';

export type WorkflowOptions = {
  readonly cwd: string;
  readonly extensions: readonly string[];
  readonly registry: Registry;
  readonly checker: Checker;
  /** Paths, relative to the folder, to the ones that are looked at. */
  readonly choose?: (paths: readonly string[]) => ReadonlySet<string>;
};

export function readWorkflows(folder: string, options: WorkflowOptions): Reading {
  const found = [...findFiles([folder], options)].map((each) => ({
    each,
    path: below(folder, each),
  }));
  const chosen = options.choose?.(found.map(({ path }) => path));
  const wanted = found.filter(({ path }) => chosen?.has(path) ?? true);
  return readCheckedFiles(wanted.map(({ each, path }) => checkFound(each, path, options)));
}

/** A folder's files go by their path below it; a file that was named goes by its name. */
function below(folder: string, { name, isGiven }: Found): string {
  const prefix = `${folder.replace(/\/+$/, '')}/`;
  return !isGiven && name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

function checkFound(found: Found, path: string, options: WorkflowOptions): CheckedFile {
  const read = readFound(found, bytesMax);
  if ('refusal' in read) {
    const { code, message } = read.refusal;
    const name = codeNames[ruleClass(code)];
    const diagnostic = {
      class: name,
      rule: code,
      severity: 'error' as const,
      message,
      context: path,
    };
    return { path, phase: 'read', diagnostics: [diagnostic] };
  }
  const { bytes } = read;
  const verdict = referenceVerdict(bytes);
  const facts = {
    path,
    phase: 'parse',
    digest: sha256Hex(bytes),
    ...(verdict.code === 0
      ? {}
      : {
          reference: { class: verdict.codeName, message: verdict.message, ...lineOf(verdict.line) },
        }),
  };
  if (options.checker === 'reference')
    return { ...facts, diagnostics: referenceDiagnostics(verdict, path) };
  const checked = guarded(bytes, path, options.registry);
  return { ...facts, ...checked };
}

const lineOf = (line: number | null) => (line === null ? {} : { line });

type Verdict = ReturnType<typeof referenceVerdict>;

function referenceDiagnostics(
  { code, codeName, message, line }: Verdict,
  path: string,
): readonly CheckedDiagnostic[] {
  if (code === 0) return [];
  const place = line === null ? {} : { place: { line, column: 1 } };
  const said = { class: codeName, rule: codeName, severity: 'error' as const, message };
  return [{ ...said, ...place, context: path }];
}

type Checked = Pick<CheckedFile, 'dialect' | 'diagnostics'>;

/** A bug met on one file is that file's finding; the others are still looked at. */
function guarded(bytes: Uint8Array, path: string, registry: Registry): Checked {
  try {
    const { source, problems, decision } = checkBytes(bytes, { path, registry, bytesMax });
    const errors = problems.filter(({ severity }) => severity === 'error');
    const statements = errors.length === 0 ? [] : gatherLines(scan(source.text));
    return {
      dialect: decision.dialect,
      diagnostics: errors.map((each) => diagnosticOf(each, { source, path, statements })),
    };
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const told = {
      class: 'INTERNAL_ERROR',
      rule: 'E_INTERNAL',
      severity: 'error' as const,
      message,
    };
    return { diagnostics: [{ ...told, context: path }] };
  }
}

type About = {
  readonly source: Text;
  readonly path: string;
  readonly statements: readonly Line[];
};

function diagnosticOf({ code, message, span }: Problem, about: About): CheckedDiagnostic {
  const said = {
    class: codeNames[ruleClass(code)],
    rule: code,
    severity: 'error' as const,
    message,
  };
  if (span === null) return { ...said, context: about.path };
  const { line, column } = placeAt(about.source, span.start);
  return { ...said, place: { line, column }, context: contextAt(span.start, about) };
}

const silent: ReadonlySet<string> = new Set(['space', 'newline', 'comment']);

/** The statement's tokens with one blank between them; its text where it could not be lexed. */
function contextAt(at: number, { source, path, statements }: About): string {
  const line = statements.findLast(({ tokens }) => (tokens[0]?.start ?? Infinity) <= at);
  const tokens = line?.tokens.filter(({ kind }) => !silent.has(kind)) ?? [];
  const [first, last] = [tokens[0], tokens.at(-1)];
  if (first === undefined || last === undefined) return path;
  if (tokens.every(({ kind }) => kind !== 'bad')) return tokens.map(({ value }) => value).join(' ');
  return source.text.slice(first.start, last.end).replace(/\s+/g, ' ').trim();
}
