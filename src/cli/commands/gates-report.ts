import { resolve } from 'node:path';
import { storeOption } from '../common-options.ts';
import { flag, text, type Command } from '../command.ts';
import { exit } from '../exit-codes.ts';
import { openRun, storeOf } from '../store.ts';

const formats = ['json', 'markdown', 'html', 'files'] as const;

export const gatesReport: Command = {
  name: 'gates report',
  summary: 'Make results and sign-off of a gate run again, byte for byte, from its records',
  details: [
    'Works on finished and killed runs alike. The exit code is that of the decision.',
    'files: writes gate_results.json and gate_sign_off.md to --out.',
  ],
  options: [
    storeOption,
    { name: 'run', value: 'ID', summary: 'id, or a unique part of it; default the newest run' },
    { name: 'format', short: 'f', value: 'FORMAT', choices: formats, summary: 'default markdown' },
    { name: 'out', short: 'o', value: 'PATH', summary: 'a file; with files a folder (default .)' },
  ],
  examples: ['seatrial gates report --format html -o sign-off.html'],
  run: async ({ values }, terminal) => {
    const { makeDocuments, writeDocuments } = await import('../gates-documents.ts');
    const opened = await openRun(
      resolve(terminal.cwd, storeOf(values, terminal)),
      text(values, 'run'),
    );
    const documents = await makeDocuments(opened.state, opened.root);
    const format = flag(values, 'json') ? 'json' : (text(values, 'format') ?? 'markdown');
    const out = text(values, 'out');
    const code = documents.report.exitCode;
    const told = opened.fault === undefined ? code : exit.unjudged;
    if (opened.fault !== undefined)
      terminal.err(
        `seatrial: run ${opened.run} was changed after it was written: ${opened.fault}\n`,
      );
    if (format === 'files') {
      await writeDocuments(documents, resolve(terminal.cwd, out ?? '.'), undefined);
      return told;
    }
    const { renderGatesHtml } = await import('../../reporters/gates-html.ts');
    const texts: Readonly<Record<string, () => string>> = {
      json: () => documents.results,
      markdown: () => documents.signOff,
      html: () => renderGatesHtml(documents.report),
    };
    const rendered = texts[format]?.() ?? '';
    if (out === undefined) terminal.out(rendered);
    else {
      const { systemFiles } = await import('../../drivers/files.ts');
      await systemFiles.replace(resolve(terminal.cwd, out), rendered, 0o644);
    }
    return told;
  },
};
