// The classes of findings, their numbers and what they are called. Numbers and names of the first
// ten are those of the `.aether` exit codes; test reports and runs have names of their own.

export type ClassFacts = {
  /** Exit code of the class; 1 for classes that have no code of their own. */
  readonly code: number;
  readonly category: string;
};

/** Most telling first: a subject with several findings has the class that comes first here. */
const table: readonly (readonly [name: string, code: number, category: string])[] = [
  ['INTERNAL_ERROR', 27, 'InternalError'],
  ['IO_ERROR', 26, 'IoError'],
  ['SIGNATURE_ERROR', 22, 'SignatureInvalid'],
  ['PARSE_ERROR', 20, 'ParseError'],
  ['UNSUPPORTED_FEATURE', 24, 'NotImplemented'],
  ['VALIDATION_ERROR', 25, 'ValidationError'],
  ['TIMEOUT_ERROR', 23, 'Timeout'],
  ['RUNTIME_ERROR', 21, 'RuntimeError'],
  ['FAILED', 1, 'Failed'],
  ['FAILURE', 1, 'Failure'],
  ['ERROR', 1, 'Error'],
  ['NOT_RUN', 1, 'NotRun'],
  ['INCONCLUSIVE', 1, 'Inconclusive'],
  ['WARNING', 1, 'Warning'],
  ['SUCCESS', 0, 'OK'],
];

const facts: ReadonlyMap<string, ClassFacts & { readonly rank: number }> = new Map(
  table.map(([name, code, category], rank) => [name, { code, category, rank }]),
);

export const success = 'SUCCESS';
/** One more of these is a regression whatever the thresholds. */
export const hardClass = 'INTERNAL_ERROR';

export const codeOf = (name: string): number => facts.get(name)?.code ?? 1;

/** The word for a class in a report; `rule` tells the two kinds of signature errors apart. */
export function categoryOf(name: string, rule: string): string {
  if (rule === 'E_SIG_MISSING') return 'SignatureMissing';
  return facts.get(name)?.category ?? 'Other';
}

/** Lower is more telling. */
export const rankOf = (name: string): number => facts.get(name)?.rank ?? table.length;

/** Classes in code order, those of one code by rank. */
export const compareClasses = (a: string, b: string): number =>
  codeOf(a) - codeOf(b) || rankOf(a) - rankOf(b) || (a < b ? -1 : 1);

/** How often each class occurs, in code order; classes that do not occur are absent. */
export function countByClass(names: Iterable<string>): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => compareClasses(a, b)));
}

/** To four decimals; 0 of 0 is 0. */
export const rateOf = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000;
