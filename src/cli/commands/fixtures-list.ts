import { resolve } from 'node:path';
import { storeOption } from '../common-options.ts';
import { flag, type Command } from '../command.ts';
import { storeOf } from '../store.ts';

export const fixturesList: Command = {
  name: 'fixtures list',
  summary: 'List cache images and prepared sets of a store',
  options: [storeOption],
  run: async ({ values }, terminal) => {
    const { readFixtureCache } = await import('../fixtures-cache.ts');
    const { images, prepared } = await readFixtureCache(
      resolve(terminal.cwd, storeOf(values, terminal)),
    );
    const lines = [
      ...images.map(({ pack, tag, lastUsed }) => `${pack} image ${tag}, last used ${lastUsed}`),
      ...prepared.map(
        ({ pack, id, trees }) => `${pack} set ${id}: ${Object.keys(trees).join(', ')}`,
      ),
    ];
    terminal.out(
      flag(values, 'json')
        ? `${JSON.stringify({ images, prepared })}\n`
        : `${(lines.length === 0 ? ['nothing'] : lines).join('\n')}\n`,
    );
    return 0;
  },
};
