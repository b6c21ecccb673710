// Deploys stacks with Docker Compose; everything but `up` goes through the engine's own interface.

import type { ServiceState } from '../../ports/app-driver.ts';
import type { Stack } from '../../ports/stack.ts';
import { runCli, saidBy } from '../docker/cli.ts';
import {
  inspectContainer,
  listContainers,
  removeContainer,
  stopContainers,
} from '../docker/containers.ts';
import { longestStopMs } from '../docker/deploy.ts';
import type { ContainerInspect } from '../docker/facts.ts';
import { deployedOf, type Instance } from '../docker/instance.ts';
import { assertNotCancelled } from '../exclusively.ts';
import { refusalOf } from '../docker/refusal.ts';
import { removeNetworks } from '../docker/remove.ts';
import { claimsOf } from '../docker/names.ts';
import { settle } from '../docker/settle.ts';
import type { Orchestrator } from '../docker/orchestrator.ts';
import { composeFile } from './file.ts';
import { judgeProject, type Seen } from './judge.ts';
import { seenShape, wantedShape } from './shape.ts';

const project = 'com.docker.compose.project';
const serviceLabel = 'com.docker.compose.service';

export const composeOrchestrator: Orchestrator = {
  kind: 'compose',
  filter: (stack, service) => [
    `${project}=${stack}`,
    ...(service === undefined ? [] : [`${serviceLabel}=${service}`]),
  ],
  shape: wantedShape,
  deploy: up,
  services,
  settled: (instance, options) =>
    settle(instance, options, async () =>
      judgeProject(
        deployedOf(instance).stack,
        await inspectAll(instance),
        instance.settings.oneshot ?? [],
      ),
    ),
  scaleDown: removeContainers,
  scaleUp: (instance, signal) => up(instance, deployedOf(instance).stack, { signal }),
  takeDown: async (instance, signal) => {
    await removeContainers(instance, signal);
    await removeNetworks(instance.engine, [`${project}=${deployedOf(instance).stack.name}`], {
      clock: instance.options.clock,
      timeoutMs: 60_000,
    });
  },
};

/** A service that another waits for and that fails is the app's failure, told by `settled`. */
const dependencyFailed = /dependency failed to start|didn't complete successfully|is unhealthy/;

async function up(
  instance: Instance,
  stack: Stack,
  { signal, forced = false }: { readonly signal: AbortSignal; readonly forced?: boolean },
): Promise<void> {
  const result = await runCli(instance, {
    args: [
      ...['compose', '--project-name', stack.name, '--file', '-', '--ansi', 'never'],
      ...['up', '--detach', '--no-build', '--remove-orphans', '--quiet-pull'],
      ...(forced ? ['--force-recreate'] : []),
    ],
    stdin: await composeFile(instance, stack),
    signal,
  });
  const said = saidBy(result);
  if (result.exitCode === 0 || dependencyFailed.test(said)) return;
  const { exitCode } = result;
  throw await refusalOf(instance.engine, 'docker compose up', { exitCode, said });
}

async function inspectAll({ engine, state }: Instance): Promise<Seen> {
  const name = state.deployed?.stack.name;
  if (name === undefined) return {};
  const seen: Record<string, ContainerInspect[]> = {};
  for (const { Id: id, Labels: all } of await listContainers(engine, [`${project}=${name}`])) {
    const container = await inspectContainer(engine, id);
    if (container === undefined) continue;
    const service = all?.[serviceLabel] ?? '';
    seen[service] = [...(seen[service] ?? []), container];
  }
  return seen;
}

async function services(instance: Instance): Promise<Readonly<Record<string, ServiceState>>> {
  const { stack } = deployedOf(instance);
  const all: Record<string, ServiceState> = {};
  for (const [name, containers] of Object.entries(await inspectAll(instance))) {
    const [newest] = containers;
    if (newest === undefined) continue;
    all[name] = {
      spec: await seenShape(instance, newest, containers.length),
      readFromUnits: true,
      images: [...new Set(containers.map(({ Image: image }) => image))],
      // Compose keeps no record of a service besides its containers.
      id: `${stack.name}/${name}`,
      claims: claimsOf(newest.Config.Labels),
      units: containers.map(({ Id: id, State: is, RestartCount: restarts }) => ({
        id,
        running: is.Running && !is.Restarting,
        restarts,
        ...(is.Running ? {} : { exitCode: is.ExitCode }),
      })),
    };
  }
  return all;
}

/** What Compose gives a container that asks for no time of its own. */
const graceMsLeast = 10_000;

async function removeContainers(instance: Instance, signal: AbortSignal): Promise<void> {
  const { engine, state } = instance;
  const { stack } = state.deployed ?? {};
  const filter = [`${project}=${stack?.name ?? ''}`];
  const graceMs = Math.max(graceMsLeast, stack === undefined ? 0 : longestStopMs(stack));
  await stopContainers(engine, filter, graceMs);
  const containers = await listContainers(engine, filter);
  assertNotCancelled(signal);
  for (const { Id: id } of containers) await removeContainer(engine, id);
}
