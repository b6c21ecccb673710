import { auditOptions } from '../audit-options.ts';
import { flag, type Command } from '../command.ts';
import { exit } from '../exit-codes.ts';

export const auditStatus: Command = {
  name: 'audit status',
  summary: 'Tell what each row of a pack’s audit queue is proven by, or lacks',
  details: [
    'A status is derived from recorded runs alone; nobody can write one. Exit code 0 when it could',
    'be derived, whatever it is; seatrial audit check judges.',
  ],
  options: auditOptions,
  examples: [
    'seatrial audit status --pack nemoclaw',
    'seatrial audit status --pack nemoclaw --rows AQ-050..AQ-052 --json',
  ],
  run: async ({ values }, terminal) => {
    const { answerAudit } = await import('../audit-run.ts');
    const { audit, answer } = await answerAudit(values, terminal);
    if (flag(values, 'json')) {
      const { auditJson } = await import('../../audit/audit-json.ts');
      terminal.out(`${JSON.stringify(auditJson(audit, answer))}\n`);
    } else {
      const { renderAuditStatus } = await import('../../reporters/audit-text.ts');
      terminal.out(renderAuditStatus(answer));
    }
    return exit.passed;
  },
};
