import { auditOptions } from '../audit-options.ts';
import { type Command } from '../command.ts';
import { exit } from '../exit-codes.ts';

const formats = ['md', 'json', 'html', 'csv', 'pr', 'patch', 'reconciliation', 'work-queue'];

export const auditExport: Command = {
  name: 'audit export',
  summary: 'Render an audit: a matrix, a block for a change, a patch of the work queue',
  details: [
    'patch is for git apply: it brings audit/work-queue.md to what evidence says, and can flip a row',
    'either way. reconciliation prints the sums that must hold, and is signed with --sign.',
    'Equal inputs give equal bytes. Exit code 0 when it could be rendered.',
  ],
  options: [
    ...auditOptions,
    { name: 'format', short: 'f', value: 'FORMAT', choices: formats, summary: 'default md' },
    { name: 'out', short: 'o', value: 'FILE', summary: 'write there instead of standard output' },
    { name: 'into', value: 'FILE', summary: 'pr: the text whose block is replaced' },
    { name: 'issue', value: 'LINK', multiple: true, summary: 'pr: an issue that it belongs to' },
    { name: 'claim', value: 'FILE', multiple: true, summary: 'reconciliation: judge this claim' },
    { name: 'sign', value: 'KEY', summary: 'reconciliation: attest it, beside --out' },
  ],
  examples: [
    'seatrial audit export --pack nemoclaw -f html -o audit.html',
    'seatrial audit export --pack nemoclaw -f patch | git apply',
  ],
  run: async ({ values }, terminal) => {
    const { exportAudit } = await import('../audit-export.ts');
    await exportAudit(values, terminal);
    return exit.passed;
  },
};
