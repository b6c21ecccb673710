// A container that mounts volumes and is never started: files go in and out of volumes through the
// engine's archive interface, so that the app's image needs neither shell nor tools.

import type { Engine } from './engine.ts';
import { query } from './engine.ts';
import type { InstanceContext } from '../../ports/app-driver.ts';
import { marksOf } from './instance.ts';

/** Where a helper sees its volume. */
export const helperFolder = 'seatrial-volume';

type Context = Pick<InstanceContext, 'run' | 'app' | 'instance'>;
type Mounted = { readonly volume: string; readonly image: string };

export async function withHelper<Value>(
  engine: Engine,
  context: Context,
  mounted: Mounted,
  use: (container: string) => Promise<Value>,
): Promise<Value> {
  const container = await makeHelper(engine, context, mounted);
  try {
    return await use(container);
  } finally {
    await removeHelper(engine, container);
  }
}

/** `nocopy`: else the image's own files at that path would seed an empty volume. */
export async function makeHelper(
  engine: Engine,
  context: Context,
  { volume, image }: Mounted,
): Promise<string> {
  const { value } = await engine.call({
    method: 'POST',
    path: '/containers/create',
    json: {
      Image: image,
      Entrypoint: ['/never-started'],
      Cmd: [],
      Labels: { ...marksOf(context), 'seatrial.helper': volume },
      NetworkDisabled: true,
      HostConfig: {
        NetworkMode: 'none',
        Mounts: [
          {
            Type: 'volume',
            Source: volume,
            Target: `/${helperFolder}`,
            VolumeOptions: { NoCopy: true },
          },
        ],
      },
    },
  });
  return String((value as { readonly Id?: unknown } | null)?.Id);
}

/** With its anonymous volumes, which an image may declare. */
export async function removeHelper(engine: Engine, container: string): Promise<void> {
  const path = `/containers/${container}${query({ v: true, force: true })}`;
  await engine.call({ method: 'DELETE', path, allow: [404] });
}
