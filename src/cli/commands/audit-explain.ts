import { auditOptions } from '../audit-options.ts';
import { flag, UsageError, type Command } from '../command.ts';
import { exit } from '../exit-codes.ts';

export const auditExplain: Command = {
  name: 'audit explain',
  summary:
    'Show how a row’s status is derived: each rule, record and digest; or what a reason means',
  args: [{ name: 'what', summary: 'a row, a check, a reason or a code of a gate', required: true }],
  options: auditOptions,
  examples: [
    'seatrial audit explain AQ-050 --pack nemoclaw',
    'seatrial audit explain stale-evidence --pack nemoclaw',
  ],
  run: async ({ args, values }, terminal) => {
    const [what = ''] = args;
    const { explainAudit } = await import('../audit-run.ts');
    const explained = await explainAudit(what, values, terminal);
    if ('unknown' in explained)
      throw new UsageError(
        `${JSON.stringify(what)} is no row, check, reason or code`,
        explained.unknown,
      );
    terminal.out(flag(values, 'json') ? `${JSON.stringify(explained.json)}\n` : explained.text);
    return exit.passed;
  },
};
