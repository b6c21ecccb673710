// SARIF 2.1.0 of problems in files, as code hosts read it.

import type { DiagnosticJson } from '../diagnostics/render-json.ts';
import { wellFormed } from './neutralise.ts';

export type SarifRule = { readonly id: string; readonly means: string };

export function renderDiagnosticsSarif(
  diagnostics: readonly DiagnosticJson[],
  { version, rules }: { readonly version: string; readonly rules: readonly SarifRule[] },
): string {
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Seatrial',
            version,
            rules: rules.map(({ id, means }) => ({ id, shortDescription: { text: means } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map(resultOf),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

const resultOf = (each: DiagnosticJson) => ({
  ruleId: each.code,
  level: each.severity,
  message: {
    text: wellFormed(each.hint === null ? each.message : `${each.message} ${each.hint}`),
  },
  locations: [
    {
      physicalLocation: {
        artifactLocation: { uri: each.file.split('/').map(encodeURIComponent).join('/') },
        region: {
          startLine: each.line,
          startColumn: each.column,
          endLine: each.endLine,
          endColumn: each.endColumn,
        },
      },
    },
  ],
});
