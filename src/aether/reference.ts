// The verdicts of the reference checker, rule for rule. It knows lines, not a language: its answers
// exist to carry old fingerprints and baselines over, and are never compared with ours.

import { decodeText, isLoneEscape } from './text.ts';

export type ReferenceVerdict = {
  readonly code: 0 | 20 | 25;
  readonly codeName: 'SUCCESS' | 'PARSE_ERROR' | 'VALIDATION_ERROR';
  readonly message: string;
  /** 1-based in the stripped text, so leading blank lines shift it; null on success. */
  readonly line: number | null;
};

export const referenceFunctions: readonly string[] = [
  'reflect',
  'summarize',
  'load_logs',
  'store',
  'detect_anomalies',
  'escalate_to',
  'run_plugin',
  'evaluate_confidence',
  'self_heal',
  'narrate',
  'load_feature_index',
  'available_plugins',
  'check_confidence',
];

type LineVerdict = { readonly kind: 'parse' | 'name'; readonly message: string };

const known = new Set(referenceFunctions);
const blankUnits = new Set([
  ...range(0x09, 0x0d),
  ...range(0x1c, 0x20),
  0x85,
  0xa0,
  0x1680,
  ...range(0x2000, 0x200a),
  0x2028,
  0x2029,
  0x202f,
  0x205f,
  0x3000,
]);

export function referenceVerdict(bytes: Uint8Array): ReferenceVerdict {
  let unknown: ReferenceVerdict | undefined;
  for (const [index, raw] of referenceLines(bytes).entries()) {
    const found = judgeLine(strip(raw), index + 1);
    if (found?.kind === 'parse')
      return { code: 20, codeName: 'PARSE_ERROR', message: found.message, line: index + 1 };
    if (found !== undefined)
      unknown ??= {
        code: 25,
        codeName: 'VALIDATION_ERROR',
        message: found.message,
        line: index + 1,
      };
  }
  return unknown ?? { code: 0, codeName: 'SUCCESS', message: 'parse ok', line: null };
}

function referenceLines(bytes: Uint8Array): string[] {
  const { text, hasBom } = decodeText('', bytes);
  const kept = isLossless(text) ? text : dropEscapes(text);
  const whole = (hasBom ? '\ufeff' : '') + kept.replaceAll(/\r\n?/g, '\n');
  return strip(whole).split('\n');
}

function isLossless(text: string): boolean {
  return !/[\udc80-\udcff]/.test(text);
}

function dropEscapes(text: string): string {
  let kept = '';
  for (const character of text)
    if (character.length > 1 || !isLoneEscape(character.charCodeAt(0))) kept += character;
  return kept;
}

function judgeLine(line: string, number: number): LineVerdict | undefined {
  if (line === '' || line.startsWith('#') || line.startsWith('goal:')) return undefined;
  if (line.startsWith('memory:')) return testName(line.slice('memory:'.length));
  const colon = line.indexOf(':');
  if (colon !== -1 && !/^(?:if|for) /.test(line)) return judgeAssignment(line, colon, number);
  return line.includes('(') && line.endsWith(')') ? judgeCall(line, number) : undefined;
}

function judgeAssignment(line: string, colon: number, number: number): LineVerdict | undefined {
  if (colon > 0) return testName(line.slice(colon + 1));
  return { kind: 'parse', message: `Parse error (assignment) line ${String(number)}: ${line}` };
}

function judgeCall(line: string, number: number): LineVerdict | undefined {
  if (count(line, '(') === count(line, ')')) return testName(line);
  return { kind: 'parse', message: `Unbalanced parentheses line ${String(number)}: ${line}` };
}

function testName(rest: string): LineVerdict | undefined {
  const text = strip(rest);
  const opener = text.indexOf('(');
  if (opener === -1 || !text.endsWith(')')) return undefined;
  const name = strip(text.slice(0, opener));
  if (name === '' || known.has(name) || hasBlank(name)) return undefined;
  return { kind: 'name', message: `unknown function '${name}'` };
}

function hasBlank(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (blankUnits.has(text.charCodeAt(at))) return true;
  return false;
}

/** Strips the reference's set of blanks, which has U+0085 and U+001C but not U+FEFF. */
function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && blankUnits.has(text.charCodeAt(start))) start += 1;
  while (end > start && blankUnits.has(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
