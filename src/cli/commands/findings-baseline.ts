import { jobsOption } from '../aether-option-tables.ts';
import { flag, text, UsageError, type Command } from '../command.ts';
import { defaults, inputOptions } from '../findings-options.ts';

export const findingsBaseline: Command = {
  name: 'findings baseline',
  summary: 'Write down what is found now, as a reference for findings regress',
  details: [
    'The file holds one record a line. Git merges it by seatrial findings merge; see there.',
  ],
  options: [
    ...inputOptions,
    { name: 'output', short: 'o', value: 'FILE', summary: `default ${defaults.baseline}` },
    jobsOption,
  ],
  examples: ['seatrial findings baseline --root workflows --output parse_baseline.json'],
  run: async ({ values }, terminal) => {
    const { classifyInputs } = await import('../findings-classify.ts');
    const { makeBaseline, renderBaseline } = await import('../../findings/baseline.ts');
    const { writeTextFile } = await import('../findings-files.ts');
    // What is set aside is a matter of the comparison, not of the reference.
    const classification = await classifyInputs(values, terminal, 'none');
    if (classification.summary.limited !== undefined)
      throw new UsageError('a part of the input is unfit as a baseline');
    const baseline = makeBaseline(classification);
    const output = text(values, 'output') ?? defaults.baseline;
    await writeTextFile(output, renderBaseline(baseline), terminal);
    const { files, ...head } = baseline;
    const failed = files.filter(({ ok }) => !ok).length;
    terminal.out(
      flag(values, 'json')
        ? `${JSON.stringify(head)}\n`
        : `${String(failed)} of ${String(baseline.total)} fail; written to ${output}\n`,
    );
    return 0;
  },
};
