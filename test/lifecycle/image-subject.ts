// A fixture of kind `image-build` on the engine that tests run on; none without one.

import { mkdir, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FixtureOrder } from '../../src/lifecycle/fixtures.ts';
import { engineHost } from '../drivers/docker/engine-here.ts';
import { orderOf, ports, type FixtureWorld } from './fixture-world.ts';

/** Of this test's world alone, on an engine that others use too. */
export const imageTag = ({ root }: FixtureWorld): string =>
  `seatrial-test/${basename(root).toLowerCase().replaceAll('_', '-')}:1`;

export const recipe = [
  'ARG BASE',
  'FROM ${BASE}',
  'ARG RELEASE',
  'COPY told /told',
  'RUN echo "$RELEASE" >> /told',
  'LABEL seatrial.build.component=thing seatrial.build.version=1.2.3 seatrial.build.content=abc',
  '',
].join('\n');

export async function setUpRecipe({ root }: FixtureWorld): Promise<void> {
  await mkdir(`${root}/pack/recipe`);
  await writeFile(`${root}/pack/recipe/Dockerfile`, recipe);
  await writeFile(`${root}/pack/recipe/told`, 'told by a test\n');
}

export const imageOrder = (world: FixtureWorld): FixtureOrder =>
  orderOf('image-build', {
    ...{ recipe: 'recipe', base: 'seatrial-fixture/busybox:1', release: 'old' },
    tags: [imageTag(world)],
    version: { argv: ['cat', '/told'], matches: '^told by a test\\nold$' },
  });

export const imageSubjects =
  engineHost === undefined
    ? []
    : [
        {
          name: 'image-build',
          setUp: setUpRecipe,
          order: imageOrder,
          also: async (world: FixtureWorld): Promise<string> =>
            (await ports.images.find(imageTag(world)))?.id ?? 'no image',
        },
      ];
