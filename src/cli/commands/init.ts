import { basename, join, resolve } from 'node:path';
import { flag, text, UsageError, type Command, type Terminal } from '../command.ts';

export const init: Command = {
  name: 'init',
  summary: 'Write a commented seatrial.yaml for a folder, guessed from what it holds',
  args: [{ name: 'folder', summary: 'the app’s folder; default this one' }],
  options: [
    { name: 'out', short: 'o', value: 'FILE', summary: 'default <folder>/seatrial.yaml' },
    { name: 'npm', value: 'PACKAGE', summary: 'the app is this published npm package' },
    { name: 'force', summary: 'replace a file that is there already' },
    { name: 'stdout', summary: 'print it instead of writing a file' },
  ],
  examples: ['seatrial init', 'seatrial init ../my-service', 'seatrial init --npm verdaccio'],
  run: async ({ args, values }, terminal) => {
    const folder = resolve(terminal.cwd, args[0] ?? '.');
    const { initManifest } = await import('../../scenario/init.ts');
    const { describeFolder, describePackage } = await import('../app-folder.ts');
    const npm = text(values, 'npm');
    const described =
      npm === undefined
        ? await describeFolder(folder, terminal)
        : await describePackage(npm, terminal);
    const first = initManifest(described, schemaFor(folder));
    if (flag(values, 'stdout')) {
      terminal.out(first.text);
      return 0;
    }
    const path = resolve(terminal.cwd, text(values, 'out') ?? join(folder, 'seatrial.yaml'));
    await write(path, first.text, flag(values, 'force'));
    report(path, first, { terminal, json: flag(values, 'json') });
    return 0;
  },
};

function schemaFor(folder: string): string {
  return basename(folder) === ''
    ? 'schema/seatrial.schema.json'
    : './node_modules/seatrial/schema/seatrial.schema.json';
}

async function write(path: string, content: string, force: boolean): Promise<void> {
  const { systemFiles } = await import('../../drivers/files.ts');
  if (!force && (await systemFiles.stat(path)) !== undefined)
    throw new UsageError(`${path} is there already`, '--force replaces it, --stdout only prints');
  await systemFiles.replace(path, content, 0o644);
}

function report(
  path: string,
  first: { readonly guesses: readonly string[]; readonly incomplete: boolean },
  { terminal, json }: { readonly terminal: Terminal; readonly json: boolean },
): void {
  if (json) {
    terminal.out(`${JSON.stringify({ path, ...first })}\n`);
    return;
  }
  terminal.out(`wrote ${path}\n`);
  for (const guess of first.guesses) terminal.out(`  guess: ${guess}\n`);
  if (first.incomplete) terminal.out('  fill in the lines marked CHANGE-ME\n');
  terminal.out('next: seatrial plan\n');
}
