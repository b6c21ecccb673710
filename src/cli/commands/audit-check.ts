import { auditOptions } from '../audit-options.ts';
import { flag, type Command } from '../command.ts';

export const auditCheck: Command = {
  name: 'audit check',
  summary: 'Derive the rows of an audit queue, ask the cross-phase gates, print a marker a row',
  details: [
    'Exit code 0: every chosen row is complete or amended, and the gates pass. 1: something is wrong.',
    '3: nobody can tell yet, as runs are missing or the testbed failed. 2: bad files, or no such row.',
    'With --claim, what somebody says is covered is judged too; it changes no status.',
  ],
  options: [
    ...auditOptions,
    { name: 'claim', value: 'FILE', multiple: true, summary: 'judge this claim as well' },
    { name: 'bundles', value: 'IDS', summary: 'count these runs alone: ids, comma-separated' },
  ],
  examples: [
    'seatrial audit check --pack nemoclaw --phase 9 --release',
    'seatrial audit check --pack nemoclaw --claim audit/claims/fresh-rebuild-050.yaml',
  ],
  run: async ({ values }, terminal) => {
    const { answerAudit } = await import('../audit-run.ts');
    const { audit, answer } = await answerAudit(values, terminal);
    if (flag(values, 'json')) {
      const { auditJson } = await import('../../audit/audit-json.ts');
      terminal.out(`${JSON.stringify(auditJson(audit, answer))}\n`);
    } else {
      const { renderAuditCheck, renderRowMarkers } = await import('../../reporters/audit-text.ts');
      terminal.out(renderAuditCheck(answer));
      terminal.out(renderRowMarkers(answer.rows));
    }
    return answer.exit;
  },
};
