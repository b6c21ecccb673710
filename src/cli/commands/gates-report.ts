import { resolve } from 'node:path';
import { storeOption } from '../common-options.ts';
import { flag, text, UsageError, type Command } from '../command.ts';
import { exit } from '../exit-codes.ts';
import { openRun, storeOf, type OpenedRun } from '../store.ts';

const formats = ['json', 'markdown', 'html', 'files'] as const;

export const gatesReport: Command = {
  name: 'gates report',
  summary: 'Make results and sign-off of a gate run again, byte for byte, from its records',
  details: [
    'Works on finished and killed runs alike. The exit code is that of the decision.',
    'files: writes gate_results.json and gate_sign_off.md to --out; of a watch its own two reports.',
  ],
  options: [
    storeOption,
    { name: 'run', value: 'ID', summary: 'id, or a unique part of it; default the newest run' },
    { name: 'format', short: 'f', value: 'FORMAT', choices: formats, summary: 'default markdown' },
    { name: 'out', short: 'o', value: 'PATH', summary: 'a file; with files a folder (default .)' },
  ],
  examples: ['seatrial gates report --format html -o sign-off.html'],
  run: async ({ values }, terminal) => {
    const opened = await openRun(
      resolve(terminal.cwd, storeOf(values, terminal)),
      text(values, 'run'),
    );
    const { exitCode, write, texts } = await documentsOf(opened);
    const format = flag(values, 'json') ? 'json' : (text(values, 'format') ?? 'markdown');
    const out = text(values, 'out');
    const told = opened.fault === undefined ? exitCode : exit.unjudged;
    if (opened.fault !== undefined)
      terminal.err(
        `seatrial: run ${opened.run} was changed after it was written: ${opened.fault}\n`,
      );
    if (format === 'files') {
      await write(resolve(terminal.cwd, out ?? '.'));
      return told;
    }
    const render = texts[format];
    if (render === undefined) throw new UsageError(`this run has no report as ${format}`);
    const rendered = await render();
    if (out === undefined) terminal.out(rendered);
    else {
      const { systemFiles } = await import('../../drivers/files.ts');
      await systemFiles.replace(resolve(terminal.cwd, out), rendered, 0o644);
    }
    return told;
  },
};

type Documents = {
  readonly exitCode: number;
  readonly write: (folder: string) => Promise<void>;
  readonly texts: Readonly<Record<string, () => string | Promise<string>>>;
};

/** Of a run of gates, or of a watch. */
async function documentsOf({ state, root }: OpenedRun): Promise<Documents> {
  const { reportWatch } = await import('../../gates/watch-report.ts');
  const watched = reportWatch(state);
  if (watched !== undefined) {
    const { writeWatchReport } = await import('../gates-watch.ts');
    return {
      exitCode: watched.exitCode,
      write: (folder) => writeWatchReport(watched, folder),
      texts: { json: () => watched.json, markdown: () => watched.markdown },
    };
  }
  const { makeDocuments, writeDocuments } = await import('../gates-documents.ts');
  const documents = await makeDocuments(state, root);
  return {
    exitCode: documents.report.exitCode,
    write: (folder) => writeDocuments(documents, folder, undefined),
    texts: {
      json: () => documents.results,
      markdown: () => documents.signOff,
      html: async () =>
        (await import('../../reporters/gates-html.ts')).renderGatesHtml(documents.report),
    },
  };
}
