// The rules of `on_error`. A `do:` may stand under the dash, under `when` or deeper, so the lines are
// read in order, whatever their indentation.

import { accept, expectEnd, fail, isAt, readName, StatementFault, type Cursor } from './cursor.ts';
import type { Line } from './layout.ts';
import { callPathLength, parseCall } from './parse-expression.ts';
import { attempt, headSpan, report, type Parser } from './parser.ts';
import type { Call, ErrorRule, Name } from './tree.ts';

type Rules = {
  readonly parser: Parser;
  readonly done: ErrorRule[];
  /** The rule being read; `when` is undefined where that line was broken. */
  open: { readonly line: Line; readonly when: Name | undefined; hasDo: boolean } | undefined;
};

export function parseRules(parser: Parser, lines: readonly Line[]): ErrorRule[] {
  const rules: Rules = { parser, done: [], open: undefined };
  for (const line of flatten(lines)) readRuleLine(rules, line);
  closeRule(rules);
  return rules.done;
}

function flatten(lines: readonly Line[]): Line[] {
  return lines.flatMap((line) => [line, ...flatten(line.children)]);
}

function readRuleLine(rules: Rules, line: Line): void {
  if (line.tokens[0]?.value !== '-') {
    readDo(rules, line);
    return;
  }
  closeRule(rules);
  const when = attempt(rules.parser, line, readWhen);
  rules.open = { line, when, hasDo: false };
}

function readWhen(cursor: Cursor): Name {
  accept(cursor, '-');
  if (accept(cursor, 'when') === undefined) fail(cursor, 'E_PARSE_RULE', "expected 'when'");
  if (accept(cursor, ':') === undefined) fail(cursor, 'E_PARSE_RULE', "expected ':' behind 'when'");
  const when = readName(cursor, 'E_PARSE_RULE');
  expectEnd(cursor);
  return when;
}

function readDo(rules: Rules, line: Line): void {
  const { parser, done, open } = rules;
  const call = attempt(parser, line, (cursor) => {
    if (!isAt(cursor, 'do'))
      throw new StatementFault('E_PARSE_RULE', headSpan(line), "expected '- when:' or 'do:'");
    if (open === undefined || open.hasDo)
      throw new StatementFault('E_PARSE_RULE', headSpan(line), "a rule has one 'when', one 'do'");
    return readDoCall(cursor);
  });
  if (open === undefined) return;
  open.hasDo = true;
  if (call === undefined || open.when === undefined) return;
  done.push({
    when: open.when,
    call,
    span: { start: headSpan(open.line).start, end: call.span.end },
  });
}

/** A rule that ends without its `do` is one error, unless its first line already was. */
function closeRule({ parser, open }: Rules): void {
  if (open === undefined || open.hasDo || open.when === undefined) return;
  report(parser, 'E_PARSE_RULE', headSpan(open.line), "this rule has no 'do:'");
}

function readDoCall(cursor: Cursor): Call {
  cursor.at = 1;
  if (accept(cursor, ':') === undefined) fail(cursor, 'E_PARSE_RULE', "expected ':' behind 'do'");
  if (callPathLength(cursor) === 0) fail(cursor, 'E_PARSE_RULE', "expected a call behind 'do:'");
  const call = parseCall(cursor);
  expectEnd(cursor);
  return call;
}
