// A baseline may come from a cache, a merge or a hand. Whatever does not add up is refused: an empty or
// shortened reference would let every regression pass.

import { countByClass, codeOf, success } from './classes.ts';
import {
  baselineSchema,
  baselineSchemaId,
  foreignBaselineSchema,
  type Baseline,
  type BaselineFile,
} from './baseline-schema.ts';
import { conflictMarkerLine } from './conflict-markers.ts';
import { fieldsOf, parseJson } from './json-input.ts';

/** A baseline of either origin, as it is compared. */
export type Reference = Pick<Baseline, 'by_code' | 'checker' | 'inputs' | 'files'> & {
  /** False for baselines of the source document's script, which know no fingerprints. */
  readonly fingerprinted: boolean;
};

export type BaselineReading =
  { readonly baseline: Reference } | { readonly problems: readonly string[] };

/** `strip`: a prefix that is taken off paths. Problems are sentences without the file's name. */
export function readBaseline(text: string, strip?: string): BaselineReading {
  const marker = conflictMarkerLine(text);
  if (marker !== undefined)
    return refused(
      `line ${String(marker)} is a conflict marker; \`seatrial findings merge\` merges baselines`,
    );
  const parsed = parseJson(text);
  if ('problem' in parsed) return refused(parsed.problem);
  const shaped = shapeOf(parsed.value);
  if ('problems' in shaped) return shaped;
  const baseline = {
    ...shaped.baseline,
    files: shaped.baseline.files.map((file) => ({ ...file, path: stripped(file.path, strip) })),
  };
  const problems = [
    ...sumProblems(fieldsOf(parsed.value)['total'], baseline),
    ...pathProblems(baseline),
  ];
  return problems.length > 0 ? { problems } : { baseline };
}

const refused = (...problems: readonly string[]): BaselineReading => ({ problems });

function shapeOf(value: unknown): BaselineReading {
  const { schema, summary } = fieldsOf(value);
  if (summary !== undefined) return refused('it is a classification, not a baseline');
  if (schema === undefined) return foreign(value);
  if (schema !== baselineSchemaId)
    return refused(`its schema is ${JSON.stringify(schema)}, not "${baselineSchemaId}"`);
  const parsed = baselineSchema.safeParse(value);
  if (!parsed.success) return refused(whatIsWrong(parsed.error.issues));
  const { by_code, checker, inputs, files } = parsed.data;
  return { baseline: { by_code, checker, inputs, files, fingerprinted: true } };
}

function foreign(value: unknown): BaselineReading {
  const parsed = foreignBaselineSchema.safeParse(value);
  if (!parsed.success) return refused(whatIsWrong(parsed.error.issues));
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

type Issue = { readonly path: readonly PropertyKey[]; readonly message: string };

const whatIsWrong = ([first]: readonly Issue[]): string =>
  `it is no baseline: ${first?.path.map(String).join('.') ?? ''}: ${first?.message ?? ''}`;

function sumProblems(total: unknown, { by_code, files }: Reference): readonly string[] {
  const problems: string[] = [];
  if (files.length === 0) problems.push('it holds no file');
  if (total !== files.length)
    problems.push(
      `total is ${String(total)} and ${String(files.length)} files are there; \`seatrial findings merge\` merges baselines`,
    );
  const counted = countByClass(files.map((file) => file.code_name));
  for (const name of new Set([...Object.keys(counted), ...Object.keys(by_code)]))
    if ((counted[name] ?? 0) !== (by_code[name] ?? 0))
      problems.push(
        `by_code says ${String(by_code[name] ?? 0)} ${name} and ${String(counted[name] ?? 0)} are there`,
      );
  return problems;
}

const absolute = /^(?:[/\\]|[a-z]:[/\\]|file:)/iu;
/** Names of tests may look like anything; only these are paths. */
const pathKinds: ReadonlySet<string> = new Set(['aether', 'sarif']);

function pathProblems({ inputs, files }: Reference): readonly string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  const arePaths = inputs.some((kind) => pathKinds.has(kind));
  for (const { path } of files) {
    if (seen.has(path)) problems.push(`${path} is there twice`);
    seen.add(path);
    if (arePaths && absolute.test(path))
      problems.push(`${path} is absolute; --strip makes it relative`);
  }
  return problems.slice(0, problemsMax);
}

const problemsMax = 20;

function stripped(path: string, prefix: string | undefined): string {
  if (prefix === undefined || !path.startsWith(prefix)) return path;
  return path.slice(prefix.length).replaceAll('\\', '/').replace(/^\/+/u, '');
}
