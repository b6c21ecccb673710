import { resolve } from 'node:path';
import { storeOption } from '../common-options.ts';
import { flag, text, type Command } from '../command.ts';
import { packOption } from '../fixtures-options.ts';
import { storeOf } from '../store.ts';

export const fixturesPrepare: Command = {
  name: 'fixtures prepare',
  summary: 'Fetch a set of packages that scenarios of a pack need',
  details: [
    'npm ci, without scripts of packages, by the lockfiles in the pack. The digest of each tree is kept.',
    'Scenarios with `needs: [prepared:<set>]` then run without a network. Exit code 3: npm could not.',
  ],
  args: [{ name: 'set', summary: 'its id in pack.yaml', required: true }],
  options: [packOption, storeOption],
  examples: ['seatrial fixtures prepare nemoclaw-real --pack nemoclaw'],
  run: async ({ args, values }, terminal) => {
    const { openNamedPack, packCache } = await import('../fixtures-options.ts');
    const { prepareSet } = await import('../prepared.ts');
    const { makeSystem } = await import('../world.ts');
    const pack = await openNamedPack(text(values, 'pack'), flag(values, 'json'), terminal);
    const cache = packCache(resolve(terminal.cwd, storeOf(values, terminal)), pack);
    const { processes } = makeSystem(terminal);
    const set = await prepareSet({ pack, cache, id: args[0] ?? '' }, { processes, terminal });
    const trees = Object.entries(set.trees).map(([name, digest]) => `  ${name} ${digest}\n`);
    const said = set.made ? 'prepared' : 'was prepared already';
    terminal.out(
      flag(values, 'json') ? `${JSON.stringify(set)}\n` : `${set.id} ${said}\n${trees.join('')}`,
    );
    return 0;
  },
};
