import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { cacheKey } from '../../../src/drivers/releases/prepare-cache.ts';
import { prepare, sources, useReleaseWorld, world, write } from './release-world.ts';

useReleaseWorld();

describe('a prepared release', () => {
  it('comes from the cache the second time, and from there only unchanged', async () => {
    write('head/f', 'x');
    const from = sources();
    const first = await prepare(from, 'dir:head');
    expect(first.cached).toBe(false);
    expect(await prepare(from, 'dir:head')).toEqual({ ...first, cached: true });
    appendFileSync(join(first.root, 'f'), 'changed');
    const lines: string[] = [];
    expect(await prepare(from, 'dir:head', lines)).toEqual(first);
    expect(lines.join()).toContain('discarded');
    expect(readFileSync(join(first.root, 'f'), 'utf8')).toBe('x');
    writeFileSync(join(dirname(first.root), 'meta.json'), '{"form');
    expect((await prepare(from, 'dir:head')).cached).toBe(false);
  });

  it('is another one after any change', async () => {
    write('head/f', 'x');
    const first = await prepare(sources(), 'dir:head');
    write('head/f', 'y');
    const second = await prepare(sources(), 'dir:head');
    expect(second.digest).not.toBe(first.digest);
    expect(readFileSync(join(first.root, 'f'), 'utf8')).toBe('x');
  });

  it('is made once when two ask at the same time', async () => {
    write('head/f', 'x');
    const prepareCommand = ['sh', '-c', 'echo x >> ../../made; sleep 0.1'] as const;
    const two = [1, 2].map(() => prepare(sources({}, { prepare: prepareCommand }), 'dir:head'));
    const cached = (await Promise.all(two)).map((one) => one.cached);
    expect(cached.sort()).toEqual([false, true]);
    expect(readFileSync(join(world.cacheFolder, 'made'), 'utf8')).toBe('x\n');
  });

  it('has a key that no other ingredients share', () => {
    const keys = [['a', 'b'], ['ab'], ['b', 'a'], ['a', 'b', ''], ['a,b']].map(cacheKey);
    expect(new Set(keys).size).toBe(5);
  });
});
