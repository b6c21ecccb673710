// What a product left on the engine is known by the run's suffix in its name, and nothing else is touched.

import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { makeEngine, query } from '../../../src/drivers/docker/engine.ts';
import { findImage } from '../../../src/drivers/docker/images.ts';
import { makeSandboxDriver } from '../../../src/drivers/sandbox/driver.ts';
import { runResources } from '../../../src/lifecycle/run-resources.ts';
import { engineHost } from '../docker/engine-here.ts';

const host = engineHost ?? '';
const base = 'seatrial-fixture/busybox:1';
const suffix = randomBytes(4).toString('hex');
const [ours, theirs] = [`left-${suffix}/image`, `left-${suffix.slice(0, 7)}/image`];

describe.skipIf(engineHost === undefined)('what a run of a pack leaves', () => {
  const engine = makeEngine(host);
  const put = (repo: string) =>
    engine.call({ method: 'POST', path: `/images/${base}/tag${query({ repo, tag: '1' })}` });

  afterEach(async () => {
    for (const repo of [ours, theirs])
      await engine.call({ method: 'DELETE', path: `/images/${repo}:1`, allow: [404] });
  });

  test('an image with its suffix is found and removed', async () => {
    await put(ours);
    await put(theirs);
    const driver = makeSandboxDriver({ host });
    const left = runResources(`20261121-100000-${suffix}`, { suffix, engine: true }).filter(
      ({ kind }) => kind === 'image',
    );
    expect((await driver.find('run', left)).map(({ name }) => name)).toEqual([`${ours}:1`]);
    const { signal } = new AbortController();
    expect(await driver.remove(left, { signal, graceMs: 0 })).toMatchObject([
      { kind: 'image', outcome: 'removed' },
    ]);
    expect(await driver.find('run', left)).toEqual([]);
    expect(await findImage(engine, `${theirs}:1`)).toBeDefined();
    expect(await findImage(engine, base)).toBeDefined();
  });
});
