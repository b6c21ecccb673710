// What the proof about a built image is made from: which image each new cluster was started from, and whether the
// product had it built for that.

import type { JsonObject, PackContext } from 'seatrial';
import { clusterFacts, clusterIds, engineCalls, engineOf } from '../checks/look-clusters.ts';
import { textIn } from '../checks/look-sandbox.ts';

/** Each cluster is told once, when it is first seen; builds count since the one before it. */
export function makeClusterObserver(): (context: PackContext) => Promise<readonly JsonObject[]> {
  const seen = new Set<string>();
  let buildsBefore = 0;
  return async (context) => {
    if (context.fixtures['cluster-upstream']?.['image'] === undefined) return [];
    const uses: JsonObject[] = [];
    for (const id of await clusterIds(context)) {
      if (seen.has(id)) continue;
      const builds = await engineCalls(context, 'build');
      uses.push(await useOf(context, id, builds > buildsBefore));
      seen.add(id);
      buildsBefore = builds;
    }
    return uses;
  };
}

/** A build that failed leaves the given image in use, which nothing was built for. */
async function useOf(context: PackContext, id: string, isAfterBuild: boolean): Promise<JsonObject> {
  const { imageId, upstream } = await clusterFacts(context, id);
  const { driver } = engineOf(context);
  const image = await driver.image(imageId);
  const given = await driver.image(upstream);
  const built = isAfterBuild && imageId !== textIn(given?.['Id']);
  const [fixture = ''] =
    Object.entries(context.fixtures).find(([, outputs]) => outputs['image'] === upstream) ?? [];
  return {
    ...{ schema: 'seatrial.image-use/v1', fixture, image: imageId },
    ...{ created: textIn(image?.['Created']), built },
  };
}
