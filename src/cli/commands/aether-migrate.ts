import { exitStyleOption, extOption, functionsOption } from '../aether-option-tables.ts';
import type { Command } from '../command.ts';

export const aetherMigrate: Command = {
  name: 'aether migrate',
  summary: 'Bring old forms of .aether files into the published language',
  details: [
    'Exactly one of --dry-run, --apply. A dry run prints unified diffs that git apply takes; apply keeps',
    'the originals, and --restore puts them back. Bytes outside the edits stay as they are. A file is',
    'refused (exit code 1) rather than made worse. Of more than one file migration_report.md tells.',
  ],
  args: [{ name: 'path', summary: 'files and folders', multiple: true }],
  options: [
    { name: 'dry-run', summary: 'print what would change, and change nothing' },
    { name: 'apply', summary: 'change the files' },
    { name: 'enable', value: 'LIST', summary: 'further transforms: quote-text,tabs,remember' },
    {
      name: 'to',
      value: 'ID',
      choices: ['aether-1.1'],
      summary: 'convert other dialects, or refuse',
    },
    { name: 're-sign', value: 'FILE', summary: 'private key that signs signed files again' },
    {
      name: 'backup-dir',
      value: 'DIR',
      summary: 'new folder for originals (default .seatrial/migrate/<time>)',
    },
    { name: 'restore', value: 'DIR', summary: 'put the originals of that folder back' },
    {
      name: 'report',
      value: 'FILE',
      summary: 'report of several files (default migration_report.md)',
    },
    extOption,
    functionsOption,
    exitStyleOption,
  ],
  examples: [
    'seatrial aether migrate workflows --dry-run > migrate.patch',
    'seatrial aether migrate workflows --apply',
  ],
  run: async (input, terminal) => {
    const { runMigrate } = await import('../aether-run-migrate.ts');
    return runMigrate(input, terminal);
  },
};
