import { resolve } from 'node:path';
import { storeOption } from '../common-options.ts';
import { flag, text, UsageError, type Command } from '../command.ts';
import { storeOf } from '../store.ts';

export const fixturesGc: Command = {
  name: 'fixtures gc',
  summary: 'Remove cache images that no fixture used for a while',
  details: ['Only images that fixtures of this store built, by their names in the cache.'],
  options: [
    storeOption,
    { name: 'unused', value: 'AGE', summary: 'not used for so long: 14d, 12h (default 14d)' },
    { name: 'all', summary: 'however lately they were used' },
  ],
  run: async ({ values }, terminal) => {
    const { parseDuration } = await import('../../audit/age.ts');
    const { systemClock } = await import('../../drivers/clock.ts');
    const { evictImages, readFixtureCache } = await import('../fixtures-cache.ts');
    const { makeSystem } = await import('../world.ts');
    const age = parseDuration(text(values, 'unused') ?? '14d');
    if (age === undefined) throw new UsageError('--unused takes an age like 14d or 12h');
    const { images } = await readFixtureCache(resolve(terminal.cwd, storeOf(values, terminal)));
    const before = systemClock.now().getTime() - age;
    const old = images.filter(
      ({ lastUsed }) => flag(values, 'all') || Date.parse(lastUsed) < before,
    );
    const gone =
      old.length === 0 ? [] : await evictImages(old, makeSystem(terminal).fixtures.images);
    const kept = images.length - gone.length;
    terminal.out(
      flag(values, 'json')
        ? `${JSON.stringify({ removed: gone.map(({ tag }) => tag), kept })}\n`
        : `${gone.map(({ tag }) => `removed ${tag}\n`).join('')}${String(gone.length)} removed, ${String(kept)} kept\n`,
    );
    return 0;
  },
};
