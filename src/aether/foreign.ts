// The dialects that are recognised and not run: only their strings and brackets are judged.

import type { Mark, MarkedDialect } from './dialect.ts';
import { bracketDepthMax } from './limits.ts';
import { lex, type Token } from './lex.ts';
import { problem, type Problem } from './problem.ts';

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const closing = new Set(Object.values(closers));
const looseFaults = new Set(['E_LEX_STRING', 'E_LEX_UTF8']);

export function matchForeign(
  text: string,
  dialect: Extract<MarkedDialect, 'arrow' | 'brace'>,
  marks: readonly Mark[],
): readonly Problem[] {
  const { tokens, faults } = lex(text, { slashComments: dialect === 'brace' });
  const broken = faults
    .filter(({ code }) => looseFaults.has(code))
    .map(({ code, span, message }) => problem(code, span, message));
  const unbalanced = firstUnbalanced(tokens, broken.length > 0);
  if (unbalanced !== undefined) broken.push(unbalanced);
  if (broken.length > 0) return broken;
  const first = marks.find((mark) => mark.dialect === dialect)?.line.tokens[0];
  const span = first === undefined ? null : { start: first.start, end: first.end };
  const message = `dialect '${dialect}' is not run here`;
  return [problem('E_DIALECT_UNSUPPORTED', span, message)];
}

/** An unclosed string may have swallowed brackets, so nothing is said about them then. */
function firstUnbalanced(tokens: readonly Token[], isUnsure: boolean): Problem | undefined {
  if (isUnsure) return undefined;
  const open: Token[] = [];
  for (const token of tokens) {
    if (token.kind !== 'op') continue;
    if (closers[token.value] !== undefined) open.push(token);
    if (open.length > bracketDepthMax)
      return problem('E_LIMIT', spanOf(token), 'brackets are nested too deep');
    if (!closing.has(token.value)) continue;
    const opener = open.pop();
    if (opener === undefined) return unbalanced(token, 'closes nothing');
    if (closers[opener.value] !== token.value) return unbalanced(opener, 'is never closed');
  }
  const first = open[0];
  return first === undefined ? undefined : unbalanced(first, 'is never closed');
}

function unbalanced(token: Token, what: string): Problem {
  return problem('E_PARSE_UNBALANCED', spanOf(token), `'${token.value}' ${what}`);
}

function spanOf({ start, end }: Token): Problem['span'] {
  return { start, end };
}
