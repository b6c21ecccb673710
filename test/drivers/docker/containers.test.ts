import { expect, test } from 'vitest';

import { inspectContainer } from '../../../src/drivers/docker/containers.ts';
import type { Engine } from '../../../src/drivers/docker/engine.ts';

test('a container that could not be made is asked of nobody', async () => {
  const engine = { call: () => Promise.reject(new Error('asked')) } as unknown as Engine;
  expect(await inspectContainer(engine, '')).toBeUndefined();
  await expect(inspectContainer(engine, 'c1')).rejects.toThrow('asked');
});
