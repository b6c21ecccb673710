// What goes wrong on a real Swarm: each row plants a fault, and the driver must not overlook it.

import { afterAll, describe, expect, it } from 'vitest';

import { makeEngine, query } from '../../../src/drivers/docker/engine.ts';
import { swarmOrchestrator } from '../../../src/drivers/swarm/orchestrator.ts';
import type { Stack, StackService } from '../../../src/ports/stack.ts';
import { makeApp, removeRealApps, start } from '../../lifecycle/real-run.ts';
import { cliConfig, engineHost } from '../docker/engine-here.ts';
import { counterStack, makeDockerSubject, type MakeStack } from '../docker/subject.ts';

const signal = new AbortController().signal;
const settle = { settleMs: 500, timeoutMs: 90_000, signal };

const changed =
  (change: (service: StackService, version: string) => StackService): MakeStack =>
  async (version, request): Promise<Stack> => {
    const stack = await counterStack(version, request);
    const { app } = stack.services;
    if (app === undefined) throw new Error('the counter has lost its service');
    return { ...stack, services: { ...stack.services, app: change(app, version) } };
  };

const compose = (version: string): string => `version: "3.8"
services:
  app:
    image: seatrial-fixture/busybox:1
    init: true
    command: ["sh", "-c", "echo ${version} > /data/index.html && exec httpd -f -p 8080 -h /data"]
    volumes: ["data:/data"]
    deploy:
      update_config: { monitor: 10s }
volumes:
  data:
`;

/** Slow enough in its upgrade to be killed there. */
const makeKilledApp = () =>
  makeApp({
    'seatrial.yaml': `seatrial: 1
app: killed
driver: swarm
source: { directory: releases }
health: { none: 'it publishes no port' }
probes: [{ exec: ['true'] }]
timeouts: { settle: 5, deploy: 60 }
resolveImage: never
`,
    'releases/1.0.0/compose.yml': compose('1.0.0'),
    'releases/1.1.0/compose.yml': compose('1.1.0'),
  });

async function installed(stackOf: MakeStack) {
  const subject = await makeDockerSubject(swarmOrchestrator, { stackOf });
  const opened = await subject.open();
  const driver = subject.driver();
  const deployment = await driver.open(opened.context);
  const end = async (): Promise<void> => {
    await driver.remove(opened.resources(), { signal, graceMs: 2000 });
    expect(await driver.find(opened.context.run, opened.resources())).toEqual([]);
    await subject.dispose();
  };
  return { subject, deployment, end };
}

describe.skipIf(engineHost === undefined)('swarm: faults on a real engine', () => {
  it('an update that is rolled back is told as that', async () => {
    const { subject, deployment, end } = await installed(
      changed((service) => ({
        ...service,
        deploy: {
          restart_policy: { condition: 'any', delay: '200ms' },
          update_config: { failure_action: 'rollback', monitor: '3s', order: 'stop-first' },
          rollback_config: { monitor: '300ms' },
        },
      })),
    );
    try {
      await deployment.install(subject.base, 'base', signal);
      expect(await deployment.settled(settle)).toMatchObject({ state: 'converged' });
      await deployment.upgrade(subject.broken, signal);
      expect(await deployment.settled(settle)).toMatchObject({ state: 'rolled-back' });
    } finally {
      await end();
    }
  });

  it('a dump that fails left of a pipe is a failed hook', async () => {
    const labels = {
      'backupbot.backup': 'true',
      'backupbot.backup.pre-hook': "sh -c 'false | cat > /data/dump'",
      'backupbot.backup.post-hook': 'rm /data/dump',
    };
    const { subject, deployment, end } = await installed(
      changed((service) => ({ ...service, deploy: { ...service.deploy, labels } })),
    );
    try {
      await deployment.install(subject.base, 'base', signal);
      expect(await deployment.settled(settle)).toMatchObject({ state: 'converged' });
      const { hooks } = await deployment.backup(signal);
      expect(hooks.map(({ exitCode }) => exitCode)).toEqual([1, 0]);
    } finally {
      await end();
    }
  });

  it('an image that is not here stops the installation before anything is made', async () => {
    const { subject, deployment, end } = await installed(
      changed((service) => ({ ...service, image: 'seatrial-fixture/absent:1' })),
    );
    try {
      await expect(deployment.install(subject.base, 'base', signal)).rejects.toMatchObject({
        code: 'app-failed',
      });
    } finally {
      await end();
    }
  });
});

describe.skipIf(engineHost === undefined)('swarm: death on a real engine', () => {
  afterAll(removeRealApps);

  it('a run that is killed in its upgrade is cleaned up, and nothing else is', async () => {
    const engine = makeEngine(engineHost ?? '');
    const foreign = `st-foreign-${String(process.pid)}`;
    const json = { Name: foreign };
    await engine.call({ method: 'POST', path: '/volumes/create', json });
    const app = await makeKilledApp();
    const env = {
      ...app.env,
      SEATRIAL_DOCKER_HOST: engineHost ?? '',
      ...(cliConfig === undefined ? {} : { SEATRIAL_DOCKER_CONFIG: cliConfig }),
    };
    try {
      const running = start(app, ['run'], { env });
      let said = '';
      running.child.stderr?.on('data', (text: Buffer) => {
        said += text.toString('utf8');
        if (/upgrade started/.test(said)) running.child.kill('SIGKILL');
      });
      expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
      const run = /run (\d{8}-\d{6}-[0-9a-f]+)/.exec(said)?.[1] ?? 'none';
      const path = `/services${query({ filters: { label: [`seatrial.run=${run}`] } })}`;
      expect((await engine.call({ path })).value).toHaveLength(1);
      expect(await start(app, ['recover'], { env }).ended).toMatchObject({ code: 0 });
      expect((await engine.call({ path })).value).toEqual([]);
      expect((await engine.call({ path: `/volumes/${foreign}` })).status).toBe(200);
    } finally {
      await engine.call({ method: 'DELETE', path: `/volumes/${foreign}`, allow: [404] });
      engine.close();
    }
  });
});
