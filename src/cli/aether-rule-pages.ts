// Pages of rules, for `explain`.

import { codeNames } from '../aether/answer.ts';
import { isRuleCode, ruleCodes, rules, type RuleCode } from '../aether/rules.ts';
import { nearest } from '../diagnostics/nearest.ts';
import { flag, UsageError, type Input, type Terminal } from './command.ts';

export function runExplain({ args, values }: Input, terminal: Terminal): number {
  const codes = args.map(codeOf);
  const pages = (codes.length === 0 ? ruleCodes : codes).map(pageOf);
  if (flag(values, 'json')) for (const page of pages) terminal.out(`${JSON.stringify(page)}\n`);
  else if (codes.length === 0) for (const page of pages) terminal.out(renderLine(page));
  else terminal.out(pages.map(renderPage).join('\n'));
  return 0;
}

function codeOf(word: string): RuleCode {
  const code = word.toUpperCase();
  if (isRuleCode(code)) return code;
  const guess = nearest(code, ruleCodes);
  const hint = guess === undefined ? 'seatrial aether explain lists all' : `did you mean ${guess}?`;
  throw new UsageError(`there is no rule ${JSON.stringify(word)}`, hint);
}

type Page = {
  readonly rule: RuleCode;
  readonly code: number;
  readonly code_name: string;
  readonly title: string;
  readonly text: string;
  readonly bad: string;
  readonly good: string;
};

function pageOf(rule: RuleCode): Page {
  const { class: code, title, text, bad, good } = rules[rule];
  return { rule, code, code_name: codeNames[code], title, text, bad, good };
}

function renderPage({ rule, code, code_name, title, text, bad, good }: Page): string {
  const told = code === 0 ? 'warning' : `${code_name}, exit code ${String(code)}`;
  const quoted = (script: string): string => script.trimEnd().replaceAll(/^/gm, '    ');
  // Keys, files and faults cannot be shown in a file.
  const shown = bad === good ? [] : ['', 'Reported in:', quoted(bad), 'Not in:', quoted(good)];
  return [`${rule} (${told})`, title, text, ...shown, ''].join('\n');
}

function renderLine({ rule, code, title }: Page): string {
  return `${rule.padEnd(28)} ${String(code).padStart(2)}  ${title}\n`;
}
