import { resolve } from 'node:path';
import { flag, text, UsageError, type Command } from '../command.ts';

export const manifestImport: Command = {
  name: 'manifest import',
  summary: 'Turn an existing recipe CI folder into a manifest with hooks and checks',
  details: [
    'Reads recipe_meta.py as text, without running it; test_<op>.py, custom/, functional/ and playwright/',
    'become checks, install_steps.sh and ops.py are called by hooks. What cannot be carried over is listed.',
    '`seatrial run RECIPE --ci-folder FOLDER` does the same in the store and runs it.',
  ],
  args: [
    { name: 'folder', summary: 'the CI folder of one recipe, named after it', required: true },
  ],
  options: [
    { name: 'recipe', value: 'PATH|URL', summary: 'repository of the recipe; required' },
    { name: 'out', value: 'DIR', summary: 'an empty or new folder (default ./<app>)' },
    {
      name: 'driver',
      value: 'KIND',
      choices: ['swarm', 'compose', 'abra'],
      summary: 'how it is deployed (default swarm)',
    },
    { name: 'local-images', summary: 'its images are on this host, pull none' },
  ],
  examples: ['seatrial manifest import ../ci/tests/notes --recipe ../recipes/notes'],
  run: async ({ args, values }, terminal) => {
    const { importFrom, writeImported } = await import('../ci-folder.ts');
    const [folder = ''] = args;
    const recipe = text(values, 'recipe');
    if (recipe === undefined) throw new UsageError('--recipe names the repository of the recipe');
    const imported = await importFrom(folder, recipe, { values, terminal });
    const name = folder.replace(/\/+$/, '').split('/').at(-1) ?? '';
    const to = resolve(terminal.cwd, text(values, 'out') ?? name);
    await writeImported(imported, to);
    const written = [...imported.files.keys()].sort();
    terminal.out(
      flag(values, 'json')
        ? `${JSON.stringify({ folder: to, written, notes: imported.notes })}\n`
        : [
            `${to}:`,
            ...written.map((path) => `  ${path}`),
            ...(imported.notes.length === 0 ? [] : ['not carried over, or different here:']),
            ...imported.notes.map((note) => `  ${note}`),
            '',
          ].join('\n'),
    );
    return 0;
  },
};
