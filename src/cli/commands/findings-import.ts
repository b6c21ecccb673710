import { text, type Command } from '../command.ts';
import { jobsOption } from '../aether-option-tables.ts';
import { inputOptions } from '../findings-options.ts';

export const findingsImport: Command = {
  name: 'findings import',
  summary: 'Read reports of any kind into one file of findings, for --input findings:FILE',
  details: [
    'One subject a line, sorted. A report that is malformed or holds no test is exit code 2.',
  ],
  options: [
    ...inputOptions,
    {
      name: 'output',
      short: 'o',
      value: 'FILE',
      summary: 'write there instead of standard output',
    },
    jobsOption,
  ],
  examples: ['seatrial findings import --input junit:a.xml --input tap:b.tap -o findings.jsonl'],
  run: async ({ values }, terminal) => {
    const { readIntake } = await import('../findings-input.ts');
    const { renderSubjects } = await import('../../findings/subjects-file.ts');
    const { writeTextFile } = await import('../findings-files.ts');
    const rendered = renderSubjects(await readIntake(values, terminal));
    const output = text(values, 'output');
    if (output === undefined) terminal.out(rendered);
    else await writeTextFile(output, rendered, terminal);
    return 0;
  },
};
