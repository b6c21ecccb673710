// Rows of the failure table of Co-op Cloud that take an app of their own on a real Swarm. What waits for
// minutes runs in `npm run acceptance:coop-cloud` alone.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Engine, makeEngine } from '../../../../src/drivers/docker/engine.ts';
import type { RunState } from '../../../../src/evidence/run-state.ts';
import { cliConfig, engineHost } from '../../../drivers/docker/engine-here.ts';
import {
  command,
  leftOf,
  type RealApp,
  removeRealApps,
  start,
} from '../../../lifecycle/real-run.ts';
import { heldBy, markOf } from '../../../lifecycle/stack-app.ts';
import {
  besideOf,
  busybox,
  childrenOf,
  dockerHook,
  idle,
  labelled,
  makeRecipeApp,
  newestState,
  until,
} from './recipe-app.ts';

const timeout = 300_000;
const preload = join(import.meta.dirname, '../../../fixtures/fail-on.mjs');
const accepting = process.env['SEATRIAL_ACCEPT'] === 'all';

let engine: Engine;
beforeAll(() => {
  engine = makeEngine(engineHost ?? '');
});
afterAll(async () => {
  await removeRealApps();
  engine.close();
});

const docker = (args: readonly string[], input = ''): string =>
  execFileSync('docker', [...args], {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      ...process.env,
      DOCKER_HOST: engineHost ?? '',
      ...(cliConfig === undefined ? {} : { DOCKER_CONFIG: cliConfig }),
    },
  });

const verdictOf = (state: RunState | undefined, id: string): string | undefined =>
  state?.checks.find((check) => check.id === id)?.verdict;

async function expectNothingOf(app: RealApp): Promise<RunState | undefined> {
  const state = await newestState(app);
  expect(await heldBy(engine, markOf(state?.started.run ?? 'none'))).toEqual([]);
  const stack = `com.docker.stack.namespace=${state?.started.instance ?? 'none'}`;
  expect(await heldBy(engine, stack)).toEqual([]);
  for (const { kind, name } of state?.resources ?? [])
    if (kind === 'volume') {
      const path = `/volumes/${encodeURIComponent(name)}`;
      expect((await engine.call({ path, allow: [404] })).status, name).toBe(404);
    }
  expect(await leftOf(app, state)).toEqual([]);
  return state;
}

async function ended(app: RealApp, code: number, ...argv: readonly string[]) {
  const { code: was, err, out } = await start(app, ['run', ...argv]).ended;
  expect(was, `${err}${out}`.slice(-1500)).toBe(code);
  return expectNothingOf(app);
}

const data = 'volumes:\n  data:\n';
const keeping = `${idle}
    volumes: ["data:/data"]`;

/** Until the first of two deployments is there, and has no record that it is. */
async function diesBeside(how: 'throw' | 'kill'): Promise<void> {
  const service = { app: `${keeping}\n    deploy:${labelled('1.0.0')}` };
  const { files, name } = besideOf('lkb', service, data);
  const app = await makeRecipeApp('lka', {
    ...{ base: service, more: data, files },
    manifest: `dependencies: [{ app: ${name} }]\n`,
  });
  const env = { FAIL_ON: 'resource.created deployment', FAIL_HOW: how };
  const { code, err } = await start(app, ['run'], { preload, env }).ended;
  expect(how === 'kill' ? [null] : [70, 3], err).toContain(code);
  const state = await newestState(app);
  if (how === 'kill') {
    expect(await heldBy(engine, markOf(state?.started.run ?? 'none'))).not.toEqual([]);
    expect((await command(app, 'recover')).code).toBe(0);
  }
  const deployed = state?.resources.filter(({ kind }) => kind === 'deployment') ?? [];
  expect(deployed.map((each) => each.name.slice(0, 4))).toEqual([name.slice(0, 4)]);
  await expectNothingOf(app);
}

const onEngine = describe.skipIf(engineHost === undefined);
/** A selection runs with every other test; these take as long again. */
const inAcceptance = test.skipIf(!accepting);

onEngine('on a real Swarm', () => {
  describe.concurrent('what stays behind otherwise', () => {
    test(
      'LK-04: exited tasks and jobs that hold volumes, named and anonymous',
      { timeout },
      async () => {
        const once = `${busybox}
    command: ["true"]
    volumes: ["data:/data", "/cache"]`;
        const app = await makeRecipeApp('lkd', {
          base: {
            app: `${keeping}
    deploy:${labelled('1.0.0')}`,
            setup: `${once}
    deploy: { restart_policy: { condition: none } }`,
            job: `${once}
    deploy: { mode: replicated-job }`,
          },
          more: data,
          manifest: 'oneshot: [setup]\n',
        });
        const state = await ended(app, 0, '--ops', 'install');
        const anonymous = state?.resources.filter(({ undo }) => undo['anonymous'] === true) ?? [];
        expect(anonymous.length).toBeGreaterThanOrEqual(2);
      },
    );

    inAcceptance('LK-04: a deployment that the engine refuses half-way', { timeout }, async () => {
      const app = await makeRecipeApp('lkr', {
        base: {
          app: `${keeping}
    deploy:${labelled('1.0.0')}`,
          refused: `${keeping}
    deploy: { placement: { constraints: ['nonsense'] } }`,
        },
        more: `${data}networks:\n  inside:\n`,
      });
      const state = await ended(app, 1, '--ops', 'install');
      expect(state?.operations[0]).toMatchObject({ name: 'install', outcome: 'failed' });
    });

    inAcceptance(
      'LK-05: a volume of the app’s own making below its prefix',
      { timeout },
      async () => {
        const app = await makeRecipeApp('lke', {
          base: { app: `${keeping}\n    deploy:${labelled('1.0.0')}` },
          head: {
            app: `${keeping}\n    environment: ["RELEASE=2"]\n    deploy:${labelled('1.1.0')}`,
          },
          more: data,
          manifest: 'hooks: { seed: { file: stray.sh } }\n',
          files: {
            'stray.sh':
              dockerHook(`stack=$(command docker service ls --filter label=seatrial.run=$SEATRIAL_RUN --format '{{.Name}}')
docker volume create "\${stack%_app}_stray"`),
          },
        });
        const state = await ended(app, 1, '--ops', 'upgrade');
        expect(verdictOf(state, 'floor.remove.no-leftovers')).toBe('failed');
        expect(verdictOf(state, 'floor.upgrade.serving') ?? 'skipped').not.toBe('failed');
      },
    );
  });
});

onEngine('on a real Swarm', () => {
  inAcceptance('LK-05: a removal that takes an image with it', { timeout }, async () => {
    const image = `lki-${String(process.pid)}:1`;
    const source = docker(['create', 'seatrial-fixture/busybox:1']).trim();
    const change = `LABEL lki=${String(process.pid)}`;
    docker(['commit', '--change', change, source, image]);
    docker(['rm', source]);
    const app = await makeRecipeApp('lki', {
      base: {
        app: `
    image: ${image}
    init: true
    stop_grace_period: 1s
    command: ["sleep", "3600"]
    deploy:${labelled('1.0.0')}`,
      },
    });
    const env = {
      FAIL_ON: 'resource.removed deployment',
      FAIL_WITH: `DOCKER_HOST=${engineHost ?? ''} docker image rm --force ${image}`,
    };
    const { code, err } = await start(app, ['run', '--ops', 'install'], { preload, env }).ended;
    expect(code, err).toBe(1);
    const state = await expectNothingOf(app);
    expect(verdictOf(state, 'floor.remove.images-kept')).toBe('failed');
    expect(verdictOf(state, 'floor.remove.no-leftovers')).toBe('passed');
  });
});

onEngine('on a real Swarm', () => {
  describe.concurrent('a run in trouble', () => {
    test(
      'LK-07: the holder of its lock is killed: lock-lost, and nothing is left',
      { timeout },
      async () => {
        const app = await makeRecipeApp('lkg', {
          base: { app: `${keeping}\n    deploy:${labelled('1.0.0')}` },
          more: data,
        });
        const running = start(app, ['run', '--ops', 'install']);
        await until(async () => ((await newestState(app))?.deployments === 1 ? true : undefined));
        for (const pid of childrenOf(running.child.pid ?? 0, 'cat')) process.kill(pid, 'SIGKILL');
        const { code, err } = await running.ended;
        expect(code, err).toBe(3);
        expect(await expectNothingOf(app)).toMatchObject({
          ended: { outcome: 'stopped', cause: 'lock-lost' },
        });
      },
    );

    inAcceptance('LK-03: a bug between a deployment and its record', { timeout }, async () => {
      const app = await makeRecipeApp('lkc', {
        base: { app: `${keeping}\n    deploy:${labelled('1.0.0')}` },
        more: data,
      });
      const env = { FAIL_ON: 'resource.created deployment' };
      const { code, err } = await start(app, ['run'], { preload, env }).ended;
      expect([70, 3], err).toContain(code);
      await expectNothingOf(app);
    });

    inAcceptance(
      'LK-03: a bug, or SIGKILL, between the deployment of a dependency and its record',
      { timeout },
      async () => {
        for (const how of ['throw', 'kill'] as const) await diesBeside(how);
      },
    );

    inAcceptance(
      'LK-03: tasks that end slowly: a rebuild waits for them',
      { timeout },
      async () => {
        const slow = `
    image: seatrial-fixture/busybox:1
    stop_grace_period: 4s
    command: ["sh", "-c", "trap : TERM; while :; do sleep 0.2; done"]
    volumes: ["data:/data"]
    networks: [inside]`;
        const app = await makeRecipeApp('lkw', {
          base: { app: `${slow}\n    deploy:${labelled('1.0.0')}` },
          head: { app: `${slow}\n    environment: ["RELEASE=2"]\n    deploy:${labelled('1.1.0')}` },
          more: `${data}networks:\n  inside:\n`,
        });
        const state = await ended(app, 0, '--ops', 'rebuild');
        expect(verdictOf(state, 'floor.rebuild.fresh')).toBe('passed');
      },
    );
  });
});

onEngine('on a real Swarm', () => {
  describe.concurrent('hooks of a backup', () => {
    const service = (version: string): string => `${keeping}
    environment: ["RELEASE=${version}"]
    deploy:
      update_config: { order: stop-first, monitor: 500ms }
      restart_policy: { condition: any, delay: 3s }${labelled(
        version,
        'backupbot.backup=true',
        'backupbot.backup.pre-hook=touch /data/dump',
      )}`;
    const backed = (seed: string) =>
      makeRecipeApp('fra', {
        base: { app: service('1.0.0') },
        head: { app: service('1.1.0') },
        more: data,
        manifest: 'hooks: { seed: { file: seed.sh } }\n',
        files: { 'seed.sh': dockerHook(`test $SEATRIAL_OPERATION = backup || exit 0\n${seed}`) },
      });
    const mine = 'label=seatrial.run=$SEATRIAL_RUN';

    inAcceptance('FR-01: the container is replaced as the hook begins', { timeout }, async () => {
      const app = await backed(`docker kill $(command docker ps -q --filter ${mine})`);
      const state = await ended(app, 0, '--ops', 'backup');
      expect(verdictOf(state, 'floor.backup.hooks')).toBe('passed');
    });
  });
});

onEngine('on a real Swarm', () => {
  describe.skipIf(!accepting)('beside another stack', () => {
    const shared = `st-shared-${String(process.pid)}`;
    const neighbour = `st-neighbour-${String(process.pid)}`;
    beforeAll(() => {
      docker(['network', 'create', '--driver', 'overlay', '--attachable', shared]);
      docker(
        ['stack', 'deploy', '--resolve-image', 'never', '-c', '-', neighbour],
        `version: '3.8'
services:
  app:${busybox}
    command: ["sh", "-c", "mkdir /www; echo theirs > /www/index.html; exec httpd -f -p 8080 -h /www"]
    networks: [shared]
    deploy: { endpoint_mode: dnsrr }
networks: { shared: { external: true, name: ${shared} } }
`,
      );
    });
    afterAll(async () => {
      docker(['stack', 'rm', neighbour]);
      await until(async () => {
        const { status } = await engine.call({
          ...{ method: 'DELETE', path: `/networks/${shared}` },
          allow: [403, 404, 409, 500],
        });
        return status === 204 || status === 404 ? true : undefined;
      });
    });

    test('FG-10: one alias in two stacks, and the other one answers', { timeout }, async () => {
      const web = (network: string): string => `
    image: seatrial-fixture/nginx:1.22
    networks: [${network}]
    configs: [{ source: conf, target: /etc/nginx/conf.d/default.conf }]
    deploy:
      restart_policy: { condition: any, delay: 1s }
      labels: ["traefik.http.services.web.loadbalancer.server.port=80"]`;
      const services = (version: string, network: string) => ({
        app: `${busybox}
    command: ["sh", "-c", "mkdir /www; echo ours > /www/index.html; exec httpd -f -p 8080 -h /www"]
    networks: [inside]
    deploy:${labelled(version)}`,
        web: web(network),
      });
      const app = await makeRecipeApp('fgj', {
        base: services('1.0.0', 'inside'),
        head: services('1.1.0', 'shared'),
        more: `networks:
  inside:
  shared: { external: true, name: ${shared} }
configs:
  conf: { file: web.conf, name: "\${STACK_NAME}_conf_v1" }
`,
        beside: {
          'web.conf': 'server { listen 80; location / { proxy_pass http://app:8080/; } }\n',
        },
        manifest: 'health: { service: web, contains: ours }\n',
      });
      const state = await ended(app, 1, '--ops', 'upgrade');
      expect(verdictOf(state, 'floor.install.serving')).toBe('passed');
      expect(verdictOf(state, 'floor.upgrade.serving')).toBe('failed');
    });
  });
});
