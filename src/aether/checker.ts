// What all parts of the semantic check share, and how a name is read.

import type { Span } from '../diagnostics/diagnostic.ts';
import { nearest } from '../diagnostics/nearest.ts';
import { keywords } from './lex.ts';
import { problem, type Problem, type ProblemDetail } from './problem.ts';
import type { Registry } from './registry.ts';
import type { RuleCode } from './rules.ts';
import { bind, type Scope } from './scope.ts';
import type { Broken, Name } from './tree.ts';

export type Checker = {
  readonly registry: Registry;
  readonly problems: Problem[];
  readonly scope: Scope;
  /** What a step may name besides functions: required plugins and contract ids. */
  readonly plugins: ReadonlySet<string>;
  readonly parallel: Map<string, { readonly span: Span; awaited: boolean }>;
  /** Aliases of the workflow being checked whose steps are still to come. */
  laterAliases: ReadonlySet<string>;
  /** Names of the parallel block being checked. */
  siblings: ReadonlySet<string>;
  inTransaction: boolean;
  /** What a broken part still defines and holds. */
  readonly checkAside: (broken: Broken) => void;
};

export function report(
  { problems }: Checker,
  code: RuleCode,
  span: Span | null,
  message: string,
): void {
  problems.push(problem(code, span, message));
}

// A hint compares one word with all candidates; the bounds keep a file of errors linear.
const hintsMax = 100;
const candidatesMax = 2000;

export function hintFor(
  { problems }: Checker,
  word: string,
  candidates: Iterable<string>,
): ProblemDetail {
  if (problems.length >= hintsMax) return {};
  const some: string[] = [];
  for (const candidate of candidates) {
    if (some.length === candidatesMax) break;
    some.push(candidate);
  }
  const found = nearest(word, some);
  return found === undefined ? {} : { hint: `did you mean '${found}'?` };
}

export function readNamed(checker: Checker, { text, span }: Name): void {
  if (checker.siblings.has(text)) {
    report(checker, 'E_PARALLEL_SIBLING', span, `'${text}' starts together with this assignment`);
    return;
  }
  const binding = checker.scope.bindings.get(text);
  if (binding === 'pending') {
    report(checker, 'E_AWAIT_MISSING', span, `'${text}' is read before 'await ${text}'`);
  } else if (binding === 'maybe') {
    report(checker, 'W_NAME_MAYBE', span, `'${text}' is defined on some branches only`);
  } else if (binding === undefined && !checker.registry.names.has(text)) {
    reportUndefined(checker, { text, span });
  }
}

function reportUndefined(checker: Checker, { text, span }: Name): void {
  if (checker.laterAliases.has(text)) {
    report(checker, 'E_STEP_FORWARD', span, `'${text}' is the alias of a later step`);
    return;
  }
  const hint = hintFor(checker, text, checker.scope.bindings.keys());
  checker.problems.push(problem('E_NAME_UNDEFINED', span, `undefined name '${text}'`, hint));
}

/** Defines a name a person chose; a keyword is refused. */
export function define(checker: Checker, { text, span }: Name): void {
  refuseKeyword(checker, { text, span });
  bind(checker.scope, text, 'defined');
}

export function refuseKeyword(checker: Checker, { text, span }: Name): boolean {
  if (!keywords.has(text)) return false;
  report(checker, 'E_NAME_RESERVED', span, `'${text}' is a keyword`);
  return true;
}
