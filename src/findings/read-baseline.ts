// A baseline may come from a cache, a merge or a hand. Whatever does not add up is refused: an empty or
// shortened reference would let every regression pass.

import { countByClass, codeOf, success } from './classes.ts';
import {
  baselineFileSchema,
  baselineHeadSchema,
  baselineSchemaId,
  foreignBaselineSchema,
  type Baseline,
  type BaselineFile,
} from './baseline-schema.ts';
import { conflictProblem } from './conflict-markers.ts';
import type { InputProblem } from './finding.ts';
import { fieldsOf, parseJson, placeProblems, shapeFaults, type PathProblem } from './json-input.ts';

/** A baseline of either origin, as it is compared. */
export type Reference = Pick<Baseline, 'by_code' | 'checker' | 'inputs'> & {
  readonly files: readonly BaselineFile[];
  /** False for baselines of the source document's script, which know no fingerprints. */
  readonly fingerprinted: boolean;
};

export type BaselineReading =
  { readonly baseline: Reference } | { readonly problems: readonly InputProblem[] };

type Shaped = { readonly baseline: Reference } | { readonly faults: readonly PathProblem[] };

/** `strip`: a prefix that is taken off paths. Problems are sentences without the file's name. */
export function readBaseline(text: string, strip?: string): BaselineReading {
  const marker = conflictProblem(text);
  if (marker !== undefined) return { problems: [{ ...marker, message: mergeIt(marker.message) }] };
  const parsed = parseJson(text);
  if ('problem' in parsed) return { problems: [parsed.problem] };
  const shaped = shapeOf(parsed.value);
  if ('faults' in shaped) return { problems: placeProblems(text, shaped.faults) };
  const baseline = strip === undefined ? shaped.baseline : withoutPrefix(shaped.baseline, strip);
  const faults = [
    ...sumProblems(fieldsOf(parsed.value)['total'], baseline),
    ...pathProblems(baseline),
  ];
  return faults.length > 0 ? { problems: placeProblems(text, faults) } : { baseline };
}

const mergeIt = (message: string): string =>
  `${message}; \`seatrial findings merge\` merges baselines`;

const refused = (message: string, path: PathProblem['path']): Shaped => ({
  faults: [{ message, path }],
});

function shapeOf(value: unknown): Shaped {
  const { schema, summary } = fieldsOf(value);
  if (summary !== undefined) return refused('it is a classification, not a baseline', ['summary']);
  if (schema === undefined) return foreign(value);
  if (schema !== baselineSchemaId)
    return refused(`its schema is ${JSON.stringify(schema)}, not "${baselineSchemaId}"`, [
      'schema',
    ]);
  const head = baselineHeadSchema.safeParse(value);
  if (!head.success) return { faults: shapeFaults('it is no baseline', head.error.issues) };
  const files = filesIn(value);
  if ('faults' in files) return files;
  const { by_code, checker, inputs } = head.data;
  return { baseline: { by_code, checker, inputs, files: files.checked, fingerprinted: true } };
}

/**
 * One after the other, keeping what was parsed: a checked copy of every record at once costs more than
 * all the rest of the reading.
 */
function filesIn(
  value: unknown,
): { readonly checked: readonly BaselineFile[] } | { readonly faults: readonly PathProblem[] } {
  const { files } = fieldsOf(value);
  if (!Array.isArray(files))
    return { faults: [{ message: 'it is no baseline: it has no list of files', path: ['files'] }] };
  for (const [index, file] of files.entries()) {
    const shaped = baselineFileSchema.safeParse(file);
    if (!shaped.success)
      return { faults: shapeFaults('it is no baseline', shaped.error.issues, ['files', index]) };
  }
  return { checked: files as readonly BaselineFile[] };
}

function foreign(value: unknown): Shaped {
  const parsed = foreignBaselineSchema.safeParse(value);
  if (!parsed.success) return { faults: shapeFaults('it is no baseline', parsed.error.issues) };
  const files = parsed.data.files.map(({ path, code_name, line, message }): BaselineFile => ({
    path,
    ok: code_name === success,
    code: codeOf(code_name),
    code_name,
    line: line === undefined || line === 0 ? null : line,
    message: message ?? '',
    ...{ rule: null, column: null, fingerprint: null, fingerprint_reference: null },
    ...{ phase: 'parse', digest: null, findings: [] },
  }));
  const { by_code } = parsed.data;
  return {
    baseline: { by_code, checker: 'reference', inputs: ['aether'], files, fingerprinted: false },
  };
}

function sumProblems(total: unknown, { by_code, files }: Reference): readonly PathProblem[] {
  const problems: PathProblem[] = [];
  if (files.length === 0) problems.push({ message: 'it holds no file', path: ['files'] });
  if (total !== files.length) {
    const told = `total is ${String(total)} and ${String(files.length)} files are there`;
    problems.push({ message: mergeIt(told), path: ['total'] });
  }
  const counted = countByClass(namesOf(files));
  for (const name of new Set([...Object.keys(counted), ...Object.keys(by_code)]))
    if ((counted[name] ?? 0) !== (by_code[name] ?? 0))
      problems.push({
        message: `by_code says ${String(by_code[name] ?? 0)} ${name} and ${String(counted[name] ?? 0)} are there`,
        path: ['by_code', name],
      });
  return problems;
}

function* namesOf(files: readonly BaselineFile[]): Generator<string> {
  for (const file of files) yield file.code_name;
}

const absolute = /^(?:[/\\]|[a-z]:[/\\]|file:)/iu;
/** Names of tests may look like anything; only these are paths. */
const pathKinds: ReadonlySet<string> = new Set(['aether', 'sarif']);

function pathProblems({ inputs, files }: Reference): readonly PathProblem[] {
  const arePaths = inputs.some((kind) => pathKinds.has(kind));
  const twice = repeated(files);
  const problems: PathProblem[] = [];
  for (const [index, { path }] of files.entries()) {
    const isAbsolute = arePaths && absolute.test(path);
    if (!isAbsolute && !twice.has(index)) continue;
    const told = twice.has(index) ? 'is there twice' : 'is absolute; --strip makes it relative';
    problems.push({ message: `${path} ${told}`, path: ['files', index, 'path'] });
  }
  return problems.slice(0, problemsMax);
}

/** Which files have a path that was there before. In a sorted list, as baselines are, there is none. */
function repeated(files: readonly BaselineFile[]): ReadonlySet<number> {
  const found = new Set<number>();
  const isSorted = files.every(({ path }, index) => path > (files[index - 1]?.path ?? ''));
  if (isSorted) return found;
  const seen = new Set<string>();
  for (const [index, { path }] of files.entries()) {
    if (seen.has(path)) found.add(index);
    seen.add(path);
  }
  return found;
}

const problemsMax = 20;

const withoutPrefix = (baseline: Reference, prefix: string): Reference => ({
  ...baseline,
  files: baseline.files.map((file) => ({ ...file, path: stripped(file.path, prefix) })),
});

function stripped(path: string, prefix: string): string {
  if (!path.startsWith(prefix)) return path;
  return path.slice(prefix.length).replaceAll('\\', '/').replace(/^\/+/u, '');
}
