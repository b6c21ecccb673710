import type { Command } from '../command.ts';

export const recipeLint: Command = {
  name: 'recipe lint',
  summary: 'Find what breaks operators of Co-op Cloud recipes, without deploying anything',
  details: [
    'A PATH is the folder of a recipe. Exit code 0: no error; 1: an error (with --fail-on warning:',
    'anything) was found; 2: a PATH is no folder. Codes are in docs/reference/recipe.md. What changed',
    'without its version, and what is new for operators, is only seen beside the release they run: --base.',
  ],
  args: [{ name: 'path', summary: 'folders of recipes', required: true, multiple: true }],
  options: [
    {
      name: 'base',
      value: 'REF|DIR',
      summary: 'the release that operators run: a git ref of PATH, or a folder',
    },
    {
      name: 'domain',
      value: 'NAME',
      summary: 'domain to read it for (default <recipe>.example.org)',
    },
    {
      name: 'env',
      value: 'NAME=VALUE',
      multiple: true,
      summary: 'a variable as an operator sets it',
    },
    {
      name: 'format',
      value: 'KIND',
      choices: ['text', 'json', 'sarif'],
      summary: 'default text; --json is the same as json',
    },
    {
      name: 'fail-on',
      value: 'SEVERITY',
      choices: ['error', 'warning'],
      summary: 'what ends with code 1 (default error)',
    },
  ],
  examples: ['seatrial recipe lint recipes/notes', 'seatrial recipe lint . --base 1.2.0+3.1'],
  run: async (input, terminal) => {
    const { runRecipeLint } = await import('../recipe-run-lint.ts');
    return runRecipeLint(input, terminal);
  },
};
