// The repair of the cluster image. What the engine says of its storage is the one thing that cannot be had
// everywhere, so a shim answers the verb `info`; images, builds and containers are real.

import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineHost } from '../../drivers/docker/engine-here.ts';
import { makeProductWorld, type ProductWorld } from './product-world.ts';
import type { Ended, StartOptions } from './reference-world.ts';

let at: ProductWorld;
let [upstream, shim] = ['', ''];
const clusters: string[] = [];
const onEngine = describe.skipIf(engineHost === undefined);

const docker = (...args: readonly string[]): Promise<Ended> => at.world.run('docker', args);

/** Its init ends where the snapshotter does not suit the driver. */
const init = `#!/bin/sh
kept=$(cat /etc/cluster/snapshotter 2>/dev/null || echo overlayfs)
if [ "$CLUSTER_DRIVER" = overlayfs ] && [ "$kept" = overlayfs ]; then
  echo 'snapshotter overlayfs cannot be nested' >&2; exit 1
fi
echo "cluster ready on $kept"; exec sleep 600
`;

async function buildUpstream(tag: string, more = ''): Promise<void> {
  const context = mkdtempSync(join(at.world.root, 'upstream-'));
  writeFileSync(join(context, 'init'), init);
  chmodSync(join(context, 'init'), 0o755);
  const lines = ['FROM seatrial-fixture/busybox:1', 'COPY init /init', 'CMD ["/init"]', more];
  writeFileSync(join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
  const env = { DOCKER_BUILDKIT: '0' };
  await at.world.run('docker', ['build', '--quiet', '--tag', tag, context], { env });
}

beforeAll(async () => {
  if (engineHost === undefined) return;
  at = await makeProductWorld(engineHost);
  upstream = `${at.space}/upstream:1`;
  await buildUpstream(upstream);
  shim = join(at.world.root, 'shim');
  mkdirSync(shim);
  const real = execFileSync('which', ['docker']).toString().trim();
  const info = `{"Driver":"'"$SHIM_DRIVER"'","DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]]}`;
  writeFileSync(
    join(shim, 'docker'),
    `#!/bin/sh\nif [ "$1" = info ]; then echo '${info}'; exit; fi\nexec ${real} "$@"\n`,
  );
  chmodSync(join(shim, 'docker'), 0o755);
});
afterAll(async () => {
  if (engineHost === undefined) return;
  if (clusters.length > 0) await docker('rm', '--force', ...clusters);
  await at.remove();
});

function start(
  env: NodeJS.ProcessEnv = {},
  more: StartOptions = {},
  image = upstream,
): Promise<Ended> {
  const name = `${at.space}-${String(clusters.length)}`;
  clusters.push(name);
  return at.nemoclaw(['cluster', '--name', name, '--upstream', image], {
    ...more,
    env: { PATH: `${shim}:${process.env['PATH'] ?? ''}`, SHIM_DRIVER: 'overlayfs', ...env },
  });
}

const tags = async (): Promise<readonly string[]> => {
  const format = ['--format', '{{.Tag}}'];
  const { stdout } = await docker('images', ...format, `${at.space}/nemoclaw-cluster`);
  return stdout.split('\n').filter((each) => each !== '');
};

onEngine('the overlay fix', () => {
  test('leaves an engine alone that does not need it', async () => {
    const told = await start({ SHIM_DRIVER: 'overlay2' });
    expect(told).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('not needed') as string,
    });
    expect(await tags()).toEqual([]);
  });

  test('declined, the container fails for its own reason and nothing is left', async () => {
    const told = await start({ NEMOCLAW_DISABLE_OVERLAY_FIX: '1' });
    expect(told).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot be nested') as string,
    });
    expect(await tags()).toEqual([]);
    expect((await docker('inspect', clusters.at(-1) ?? '')).code).not.toBe(0);
  });

  test('builds once and reuses', async () => {
    expect((await start()).stdout).toMatch(/needed[^]*was built/);
    const [tag] = await tags();
    expect(tag).toMatch(/^0\.5\.0-fuse-overlayfs-[0-9a-f]{8}$/);
    expect((await start()).stdout).toContain(`${tag ?? ''} is reused`);
    expect(await tags()).toHaveLength(1);
  });

  test('does not trust a tag that names something else', async () => {
    const [tag = ''] = await tags();
    await docker('tag', upstream, `${at.space}/nemoclaw-cluster:${tag}`);
    expect((await start()).stdout).toContain('is not what its name says; built again');
  });

  test('takes another tag for another upstream, and another snapshotter when asked', async () => {
    await buildUpstream(`${at.space}/upstream:2`, 'LABEL other=1');
    expect((await start({}, {}, `${at.space}/upstream:2`)).code).toBe(0);
    expect(await tags()).toHaveLength(2);
    expect((await start({ NEMOCLAW_OVERLAY_SNAPSHOTTER: 'native' })).code).toBe(0);
    expect((await tags()).some((tag) => tag.startsWith('0.5.0-native-'))).toBe(true);
    const odd = await start({ NEMOCLAW_OVERLAY_SNAPSHOTTER: 'zfs' });
    expect(odd).toMatchObject({ code: 0, stderr: expect.stringContaining('zfs') as string });
  });

  test('canary: a repair that is built and not used does not start', async () => {
    expect(await start({}, { mutant: 'overlay.use-upstream' })).toMatchObject({ code: 1 });
  });
});
