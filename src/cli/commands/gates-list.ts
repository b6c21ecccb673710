import { flag, type Command } from '../command.ts';
import { exit } from '../exit-codes.ts';
import { gatesFileOptions, openGates } from '../gates-file.ts';

export const gatesList: Command = {
  name: 'gates list',
  summary: 'List the gates of a file: what each is, and who must confirm it',
  options: gatesFileOptions,
  examples: ['seatrial gates list', 'seatrial gates list --file release/gates.yaml --json'],
  run: async ({ values }, terminal) => {
    const { file } = await openGates(values, terminal);
    const rows = Object.entries(file.gates).map(([name, gate]) => ({
      name,
      kind: gate.kind,
      title: gate.title ?? name,
      required: gate.required,
      manual: gate.manual !== undefined,
      parallel: gate.parallel,
      checks: gate.checks.map(({ id }) => id),
    }));
    if (flag(values, 'json')) {
      terminal.out(`${JSON.stringify({ gates: rows })}\n`);
      return exit.passed;
    }
    const [nameWidth, kindWidth] = [
      Math.max(...rows.map(({ name }) => name.length)),
      Math.max(...rows.map(({ kind }) => kind.length)),
    ];
    for (const { name, kind, title, required, manual, checks } of rows) {
      const notes = [
        `${String(checks.length)} ${checks.length === 1 ? 'check' : 'checks'}`,
        ...(manual ? ['manual'] : []),
        ...(required ? [] : ['not required']),
      ];
      terminal.out(
        `${name.padEnd(nameWidth)}  ${kind.padEnd(kindWidth)}  ${title} (${notes.join(', ')})\n`,
      );
    }
    return exit.passed;
  },
};
