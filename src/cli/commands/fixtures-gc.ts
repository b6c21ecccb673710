import { resolve } from 'node:path';
import { storeOption } from '../common-options.ts';
import { flag, text, UsageError, type Command } from '../command.ts';
import { storeOf } from '../store.ts';

export const fixturesGc: Command = {
  name: 'fixtures gc',
  summary: 'Remove cache images and prepared sets that no run used for a while',
  details: [
    'Only images that fixtures of this store built, by their names in the cache, and sets that were prepared',
    'for it. A run that uses a set at this moment loses it.',
  ],
  options: [
    storeOption,
    { name: 'unused', value: 'AGE', summary: 'not used for so long: 14d, 12h (default 14d)' },
    { name: 'all', summary: 'however lately they were used' },
  ],
  run: async ({ values }, terminal) => {
    const { parseDuration } = await import('../../audit/age.ts');
    const { systemClock } = await import('../../drivers/clock.ts');
    const { evictImages, evictSets, readFixtureCache } = await import('../fixtures-cache.ts');
    const { makeSystem } = await import('../world.ts');
    const age = parseDuration(text(values, 'unused') ?? '14d');
    if (age === undefined) throw new UsageError('--unused takes an age like 14d or 12h');
    const cache = await readFixtureCache(resolve(terminal.cwd, storeOf(values, terminal)));
    const before = systemClock.now().getTime() - age;
    const isOld = ({ lastUsed }: { readonly lastUsed: string }): boolean =>
      flag(values, 'all') || Date.parse(lastUsed) < before;
    const [images, sets] = [cache.images.filter(isOld), cache.prepared.filter(isOld)];
    await evictSets(sets);
    // An engine is asked only where there is something to remove from it.
    if (images.length > 0) await evictImages(images, makeSystem(terminal).fixtures.images);
    const gone = [...images.map(({ tag }) => tag), ...sets.map(({ pack, id }) => `${pack}/${id}`)];
    const kept = cache.images.length + cache.prepared.length - gone.length;
    terminal.out(
      flag(values, 'json')
        ? `${JSON.stringify({ removed: gone, kept })}\n`
        : `${gone.map((each) => `removed ${each}\n`).join('')}${String(gone.length)} removed, ${String(kept)} kept\n`,
    );
    return 0;
  },
};
