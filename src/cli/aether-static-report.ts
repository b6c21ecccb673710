// The report of `verify` as Markdown, with the headings of the source document. Run, time and digest
// of the input tell a report that is older than the files it is about.

import { printable } from '../diagnostics/printable.ts';
import type { RiskLine } from './aether-scan.ts';

export type ReportLine = {
  readonly path: string;
  /** `OK …`, `FAIL (reason)` or `SKIP (why)`. */
  readonly signature: string;
  readonly score: number;
  readonly risks: readonly RiskLine[];
  /** Findings that are not among `risks`. */
  readonly omitted: number;
};

export type StaticReport = {
  readonly run: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  /** SHA-256 over digest and path of each file. */
  readonly inputDigest: string;
  readonly lines: readonly ReportLine[];
};

export function renderStaticReport({ run, time, inputDigest, lines }: StaticReport): string {
  const risky = lines.filter(({ score }) => score > 0);
  return [
    '# .aether Verification Report',
    '',
    `Run ${run}, ${time}, input sha256:${inputDigest}`,
    '',
    '## Discovered .aether Files',
    '',
    ...lines.map(({ path }) => `- ${plain(path)}`),
    '',
    '## Signature Verification (strict)',
    '',
    ...lines.map(({ path, signature }) => `- ${plain(path)}: ${plain(signature)}`),
    '',
    '## Static Risk Analysis',
    '',
    ...(risky.length === 0 ? ['No finding.'] : risky.flatMap(renderRisks)),
    '',
  ].join('\n');
}

function renderRisks({ path, score, risks, omitted }: ReportLine): readonly string[] {
  const rows = risks.map(
    ({ level, pattern, points, line, column }) =>
      `  - ${String(line)}:${String(column)} ${level}: ${pattern} (${String(points)})`,
  );
  const rest = omitted > 0 ? [`  - ${String(omitted)} more`] : [];
  return [`- ${plain(path)}: ${String(score)} points`, ...rows, ...rest];
}

/** Names of files must not write lines or markup of their own. */
function plain(text: string): string {
  return printable(text).replaceAll(/[\\`*[\]<>]/g, '\\$&');
}
