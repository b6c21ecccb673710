// Fixtures that listen, with everything that they can be asked for.

import { writeFile } from 'node:fs/promises';
import type { FixtureOrder } from '../../src/lifecycle/fixtures.ts';
import { orderOf, type FixtureWorld } from './fixture-world.ts';

export const endpointOrder = (): FixtureOrder =>
  orderOf('http-endpoint', {
    routes: [
      { path: '/state', body: { ready: true } },
      { path: '/made', method: 'POST', status: 201, headers: { 'x-made': 'yes' }, body: 'done' },
      { path: '/down' },
      { path: '/late', body: 'late' },
    ],
    models: ['small'],
    faults: [
      { path: '/down', status: 503 },
      { path: '/late', delayMs: 30 },
      { path: '/v1/models', malformed: true },
      { path: '/nowhere', status: 500 },
    ],
  });

export const setUpAssets = ({ root }: FixtureWorld): Promise<void> =>
  writeFile(`${root}/pack/one.bin`, 'one');

export const assetsOrder = (): FixtureOrder =>
  orderOf('asset-server', {
    assets: {
      '/v1/one.bin': { from: 'one.bin' },
      ...Object.fromEntries(
        ['gone', 'wrong', 'short', 'cut', 'moved', 'slow'].map((name) => [
          `/v1/${name}`,
          { content: `the asset ${name}` },
        ]),
      ),
    },
    checksums: { '/v1/sums.txt': ['/v1/one.bin', '/v1/wrong'] },
    faults: [
      { path: '/v1/gone', fault: 'not-found' },
      { path: '/v1/wrong', fault: 'wrong-digest' },
      { path: '/v1/short', fault: 'truncated' },
      { path: '/v1/cut', fault: { closeAt: 4 } },
      { path: '/v1/moved', fault: { redirect: '/v1/one.bin' } },
      { path: '/v1/slow', fault: { slowMs: 30 } },
    ],
  });
