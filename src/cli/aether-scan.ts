// What `verify` and `risk` have in common: which files, which risks, when they fail.

import { scanRisk, type Risk } from '../aether/risk.ts';
import { decodeText, placeAt, type Text } from '../aether/text.ts';
import { matchesGlob } from '../findings/glob.ts';
import { count } from './aether-options.ts';
import type { Found } from './aether-paths.ts';
import { flag, type Values } from './command.ts';

export const localHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

export type RiskSettings = {
  readonly threshold: number;
  readonly failOnAny: boolean;
  readonly strict: boolean;
  readonly includeComments: boolean;
  readonly allowedHosts: readonly string[];
  readonly shownMax: number;
};

export function readRiskSettings(values: Values, strict: boolean): RiskSettings {
  return {
    threshold: count(values, 'risk-threshold', 5),
    failOnAny: flag(values, 'fail-on-any-risk'),
    strict,
    includeComments: flag(values, 'include-comments'),
    allowedHosts: [...localHosts, ...list(values, 'allow-host')],
    shownMax: count(values, 'max-findings-per-file', 50),
  };
}

export function list(values: Values, name: string): readonly string[] {
  const given = values[name];
  return Array.isArray(given) ? (given as readonly string[]) : [];
}

export function* withoutExcluded(files: Iterable<Found>, values: Values): Generator<Found> {
  const excluded = list(values, 'exclude').map(matchesGlob);
  for (const found of files) {
    const name = found.name.replace(/^\.\//, '');
    if (!excluded.some((matches) => matches(name))) yield found;
  }
}

export type ScannedFile = {
  readonly source: Text;
  readonly risk: Risk;
  readonly fails: boolean;
};

export function scanBytes(name: string, bytes: Uint8Array, settings: RiskSettings): ScannedFile {
  const { includeComments, allowedHosts } = settings;
  const source = decodeText(name, bytes);
  const risk = scanRisk(source, { includeComments, allowedHosts });
  return { source, risk, fails: isTooRisky(risk, settings) };
}

function isTooRisky(
  { score, findings }: Risk,
  { threshold, failOnAny, strict }: RiskSettings,
): boolean {
  if (score > threshold || (failOnAny && findings.length > 0)) return true;
  return strict && findings.some(({ level }) => level === 'high');
}

export type RiskLine = {
  readonly level: string;
  readonly pattern: string;
  readonly points: number;
  readonly line: number;
  readonly column: number;
};

/** The first findings with their places, and how many are left out. */
export function riskLines(
  { source, risk }: ScannedFile,
  { shownMax }: RiskSettings,
): { readonly lines: readonly RiskLine[]; readonly omitted: number } {
  const lines = risk.findings.slice(0, shownMax).map(({ level, pattern, points, span }) => {
    const { line, column } = placeAt(source, span.start);
    return { level, pattern, points, line, column };
  });
  return { lines, omitted: risk.findings.length - lines.length };
}
