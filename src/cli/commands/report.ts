import { storeOption } from '../common-options.ts';
import { flag, text, UsageError, type Command } from '../command.ts';
import { reportFormatNames, reportFormats, type ReportFormat } from '../report-formats.ts';
import { exitCodeOf, openRun, storeOf } from '../store.ts';

const formats = [...reportFormatNames, 'intoto'];

export const report: Command = {
  name: 'report',
  summary: 'Render the report of a run from its records, in a format of your choice',
  details: [
    'Works on finished, killed and running runs alike: a report says what was seen and what was not.',
    'The exit code is the run’s own: 0 passed, 1 failed, 3 could not judge.',
  ],
  args: [{ name: 'run', summary: 'id, or a unique part of it; default the newest' }],
  options: [
    storeOption,
    { name: 'format', short: 'f', value: 'FORMAT', choices: formats, summary: 'default markdown' },
    { name: 'out', short: 'o', value: 'FILE', summary: 'write there instead of standard output' },
  ],
  examples: ['seatrial report --format html -o report.html', 'seatrial report 1a2b3c4d -f junit'],
  run: async ({ args, values }, terminal) => {
    const format = text(values, 'format');
    if (flag(values, 'json') && format !== undefined && format !== 'json')
      throw new UsageError(`--json and --format ${format} exclude each other`, 'leave one out');
    const asked = flag(values, 'json') ? 'json' : (format ?? 'markdown');
    const opened = await openRun(storeOf(values, terminal), args[0]);
    const rendered =
      asked === 'intoto'
        ? await attestationOf(opened.root)
        : await reportFormats[asked as ReportFormat](opened.state, opened.objects);
    const out = text(values, 'out');
    if (out === undefined) terminal.out(rendered);
    else {
      const { systemFiles } = await import('../../drivers/files.ts');
      await systemFiles.replace(out, rendered, 0o644);
    }
    return exitCodeOf(opened, terminal);
  },
};

async function attestationOf(root: string): Promise<string> {
  const { systemFiles } = await import('../../drivers/files.ts');
  const path = `${root}/attestation.intoto.jsonl`;
  if ((await systemFiles.stat(path)) === undefined)
    throw new UsageError(
      'this run is not signed',
      'make a key with seatrial keys new, then run again',
    );
  return systemFiles.readText(path);
}
