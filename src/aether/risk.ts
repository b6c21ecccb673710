// What a file could do that somebody should look at first. Judged from tokens, so that a word in a
// comment or in a name is not one in a call.

import type { Span } from '../diagnostics/diagnostic.ts';
import { lex, type Token } from './lex.ts';
import type { Text } from './text.ts';

export type RiskLevel = 'high' | 'medium';

export type RiskFinding = {
  readonly pattern: string;
  readonly level: RiskLevel;
  readonly points: number;
  readonly span: Span;
};

export type RiskOptions = {
  readonly includeComments?: boolean;
  /** Hosts that may be named; `*.` stands for any host below. */
  readonly allowedHosts?: readonly string[];
};

export type Risk = { readonly score: number; readonly findings: readonly RiskFinding[] };

type Pattern = { readonly name: string; readonly level: RiskLevel; readonly points: number };

const patterns = {
  exec: { name: 'exec', level: 'high', points: 5 },
  eval: { name: 'eval', level: 'high', points: 5 },
  system: { name: 'os.system(', level: 'high', points: 4 },
  subprocess: { name: 'subprocess.', level: 'high', points: 4 },
  open: { name: 'open for writing', level: 'medium', points: 2 },
  write: { name: 'write(', level: 'medium', points: 2 },
  curl: { name: 'curl', level: 'medium', points: 2 },
  wget: { name: 'wget', level: 'medium', points: 2 },
  url: { name: 'URL outside the allowlist', level: 'medium', points: 2 },
} as const satisfies Record<string, Pattern>;

const defaultHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

export function scanRisk({ text }: Text, options: RiskOptions = {}): Risk {
  const { tokens } = lex(text);
  const code = tokens.filter(
    ({ kind }) => kind !== 'space' && kind !== 'newline' && kind !== 'comment',
  );
  const findings = [...codeFindings(code), ...textFindings(tokens, options)];
  findings.sort((a, b) => a.span.start - b.span.start);
  return { score: findings.reduce((sum, { points }) => sum + points, 0), findings };
}

function finding({ name, level, points }: Pattern, span: Span): RiskFinding {
  return { pattern: name, level, points, span };
}

const called = new Map<string, Pattern>([
  ['exec', patterns.exec],
  ['eval', patterns.eval],
  ['write', patterns.write],
]);
const named = new Map<string, Pattern>([
  ['curl', patterns.curl],
  ['wget', patterns.wget],
]);

function codeFindings(code: readonly Token[]): RiskFinding[] {
  return code.flatMap((token, at) => {
    const pattern = token.kind === 'name' ? patternAt(code, at) : undefined;
    return pattern === undefined ? [] : [finding(pattern, { start: token.start, end: token.end })];
  });
}

function patternAt(code: readonly Token[], at: number): Pattern | undefined {
  const word = wordAt(code, at);
  const next = wordAt(code, at + 1);
  if (next === '(') return word === 'open' ? openPattern(code, at + 2) : called.get(word);
  if (next === '.' && word === 'subprocess') return patterns.subprocess;
  const isSystem = word === 'os' && next === '.' && wordAt(code, at + 2) === 'system';
  if (isSystem && wordAt(code, at + 3) === '(') return patterns.system;
  return named.get(word);
}

function wordAt(code: readonly Token[], at: number): string {
  return code[at]?.value.toLowerCase() ?? '';
}

const argumentsMax = 64;

/** `open(…)` with a mode that writes. */
function openPattern(code: readonly Token[], from: number): Pattern | undefined {
  const args = code.slice(from, from + argumentsMax);
  const end = args.findIndex(({ value }) => value === ')');
  const writes = args.slice(0, end === -1 ? undefined : end).some(({ kind, value }, at) => {
    const before = args[at - 1]?.value;
    const isMode = kind === 'string' && (before === ',' || before === '=');
    return isMode && /^["'][wa][bt+]*["']$/i.test(value);
  });
  return writes ? patterns.open : undefined;
}

const textPatterns: readonly (readonly [RegExp, Pattern])[] = [
  [/(?<![\w.])exec(?!\w)/gi, patterns.exec],
  [/(?<![\w.])eval(?!\w)/gi, patterns.eval],
  [/(?<!\w)os\.system\(/gi, patterns.system],
  [/(?<!\w)subprocess\./gi, patterns.subprocess],
  [/(?<!\w)open\([^)]{0,200}['"][wa][bt+]{0,2}['"]/gi, patterns.open],
  [/(?<!\w)write\(/gi, patterns.write],
  [/(?<!\w)curl(?!\w)/gi, patterns.curl],
  [/(?<!\w)wget(?!\w)/gi, patterns.wget],
];

/** Strings that stand in a call, and comments where they are asked for. */
function textFindings(tokens: readonly Token[], options: RiskOptions): RiskFinding[] {
  const findings: RiskFinding[] = [];
  let depth = 0;
  for (const token of tokens) {
    if (token.value === '(') depth += 1;
    if (token.value === ')') depth = Math.max(0, depth - 1);
    const isText =
      isString(token) || (token.kind === 'comment' && options.includeComments === true);
    if (!isText) continue;
    findings.push(...urlFindings(token, options.allowedHosts ?? defaultHosts));
    if (depth > 0 || token.kind === 'comment') findings.push(...wordFindings(token));
  }
  return findings;
}

function isString({ kind, value }: Token): boolean {
  return kind === 'string' || (kind === 'bad' && /^["']/.test(value));
}

function wordFindings({ value, start }: Token): RiskFinding[] {
  return textPatterns.flatMap(([pattern, about]) =>
    Array.from(value.matchAll(pattern), (found) => {
      const from = start + found.index;
      return finding(about, { start: from, end: from + found[0].length });
    }),
  );
}

const url = /https?:\/\/(?:[^\s/?#@"'\\]*@)?(\[[^\]\s]*\]|[^\s/?#:"'\\]*)/gi;

function urlFindings({ value, start }: Token, allowed: readonly string[]): RiskFinding[] {
  return Array.from(value.matchAll(url), (found) => {
    const span = { start: start + found.index, end: start + found.index + found[0].length };
    return isAllowed(found[1]?.toLowerCase() ?? '', allowed) ? [] : [finding(patterns.url, span)];
  }).flat();
}

function isAllowed(host: string, allowed: readonly string[]): boolean {
  return allowed.some((entry) => {
    const name = entry.toLowerCase();
    return name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name;
  });
}
