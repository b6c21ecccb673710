// The repair of the cluster image. What the engine says of its storage is the one thing that cannot be had
// everywhere, so a shim answers the verb `info`; images, builds and containers are real.

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PackCollector, PackContext } from 'seatrial';
import * as collectors from '../../../packs/nemoclaw/checks/clusters.ts';
import { systemFiles } from '../../../src/drivers/files.ts';
import { systemHttp } from '../../../src/drivers/http.ts';
import { packPortsOf } from '../../../src/drivers/pack/ports.ts';
import type { Expectation } from '../../../src/evidence/expectation.ts';
import { judgeFacts } from '../../../src/evidence/judge.ts';
import { engineHost } from '../../drivers/docker/engine-here.ts';
import { afterAction, packContext } from './pack-context.ts';
import { makeProductWorld, type ProductWorld } from './product-world.ts';
import type { Ended, StartOptions } from './reference-world.ts';

let at: ProductWorld;
let [upstream, shim] = ['', ''];
const clusters: string[] = [];
const onEngine = describe.skipIf(engineHost === undefined);

const docker = (...args: readonly string[]): Promise<Ended> => at.world.run('docker', args);

const callsFile = (): string => join(at.world.root, 'calls.log');

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
    `#!/bin/sh\nprintf 'docker\\t%s\\n' "$*" >> ${callsFile()}\nif [ "$1" = info ]; then echo '${info}'; exit; fi\nexec ${real} "$@"\n`,
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

/** The harness's own engine is one that there is not: what is seen was seen on the one that the fixture names. */
function contextOf(): PackContext {
  const places = {
    ...{ pack: '', product: at.product, home: at.world.home, work: at.world.root, run: 'run-1' },
    suffix: at.space.slice('st-'.length),
  };
  const system = { files: systemFiles, http: systemHttp, dockerHost: 'unix:///nowhere.sock' };
  const ports = packPortsOf(system)({
    ...{ places, nonce: 'nonce', planted: {}, signal: new AbortController().signal },
    env: () => ({ PATH: process.env['PATH'] ?? '', HOME: at.world.home }),
    surfaces: { sandbox: { label: 'openshell.ai/sandbox-name' } },
    ...{ requests: () => [], held: () => undefined, witness: () => undefined },
  });
  return {
    ...packContext({ ...places, ports }),
    ...{ ...places, ports },
    fixtures: {
      'containerd-snapshotter': { host: engineHost ?? '' },
      'cluster-upstream': { image: upstream },
      'docker-info': { log: callsFile() },
    },
  };
}

type Entry = {
  readonly id: string;
  readonly collector: string;
  readonly expect: readonly Expectation[];
};

const entries = (
  parse(readFileSync('packs/nemoclaw/checks/register.yaml', 'utf8')) as {
    readonly checks: readonly Entry[];
  }
).checks;

/** One start, judged by each of these checks. */
async function judged(checks: readonly string[], more: StartOptions = {}) {
  const [context, asked] = [contextOf(), checks.map(checkNamed)];
  const before = await asked[0]?.collector.before?.(context);
  const { code, stdout, stderr } = await start({}, more);
  const ended = afterAction({ exit: code, stdout, stderr });
  const found: string[] = [];
  for (const { collector, expect: wanted } of asked) {
    const after = await collector.after({ ...context, ...ended, before: before ?? {} });
    found.push(judgeFacts({ ...after, before: before ?? {} }, wanted).verdict);
  }
  return found;
}

function checkNamed(name: string) {
  const entry = entries.find(({ id }) => id === `runtime.overlayfs.${name}`);
  if (entry === undefined) throw new Error(`there is no check ${name}`);
  const [, exported = ''] = entry.collector.split('#');
  const all: Readonly<Record<string, unknown>> = collectors;
  return { collector: all[exported] as PackCollector, expect: entry.expect };
}

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

  test('builds once and reuses, and the checks see it', async () => {
    const first = await judged([
      'condition-detected',
      'patched-image-created',
      'patched-image-used',
    ]);
    expect(first).toEqual(['passed', 'passed', 'passed']);
    const [tag] = await tags();
    expect(tag).toMatch(/^0\.5\.0-fuse-overlayfs-[0-9a-f]{8}$/);
    expect(await judged(['patched-image-reused', 'patched-image-created'])).toEqual([
      'passed',
      'failed',
    ]);
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

  test('canary: a repair that is built and not used does not start, and the check sees it', async () => {
    const again = judged(['patched-image-used'], { mutant: 'overlay.use-upstream' });
    expect(await again).toEqual(['failed']);
  });
});
