import type { Command } from '../command.ts';
import { fromOption, inputOptions, suppressionOptions } from '../findings-options.ts';

export const findingsExport: Command = {
  name: 'findings export',
  summary: 'Render findings for code hosts, build servers and people',
  options: [
    {
      name: 'format',
      short: 'f',
      value: 'FORMAT',
      choices: ['sarif', 'junit', 'json', 'markdown'],
      summary: 'default sarif',
    },
    fromOption,
    ...inputOptions,
    ...suppressionOptions,
    { name: 'baseline', value: 'FILE', summary: 'SARIF: say which results are new against it' },
    { name: 'sarif-full', summary: 'SARIF: with suppressed findings, marked as such' },
    {
      name: 'output',
      short: 'o',
      value: 'FILE',
      summary: 'write there instead of standard output',
    },
  ],
  examples: ['seatrial findings export --format sarif --baseline parse_baseline.json -o out.sarif'],
  run: async (input, terminal) => {
    const { runExport } = await import('../findings-run-export.ts');
    return runExport(input, terminal);
  },
};
