// Deploys stacks through abra, as an operator does. What runs is Swarm's, so it is looked at, waited for,
// backed up and compared as the Swarm driver does it.

import type { JsonObject } from '../../ports/json.ts';
import type { Stack } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import type { ServiceFacts } from '../docker/facts.ts';
import { deployedOf, type Instance } from '../docker/instance.ts';
import type { Orchestrator } from '../docker/orchestrator.ts';
import { refusalOf } from '../docker/refusal.ts';
import { portsShape } from '../docker/shape.ts';
import { forceUpdate, sentTo, swarmOrchestrator, tasksGone } from '../swarm/orchestrator.ts';
import { wantedShape } from '../swarm/shape.ts';
import { listServices, shortName } from '../swarm/snapshot.ts';
import { type AbraApp, commitOf, openApp, told } from './app.ts';
import type { AbraPlace } from './command.ts';
import { makeSecrets } from './secrets.ts';

export type AbraMeans = {
  /** Throws `unavailable` where abra cannot be used. */
  readonly find: (instance: Instance) => Promise<Omit<AbraPlace, 'home'>>;
  /** Clones the canonical repository into a folder that is not there yet. */
  readonly cloneTo: (to: string) => Promise<void>;
};

type Deploying = { readonly signal: AbortSignal; readonly forced?: boolean };

export function abraOrchestrator(means: AbraMeans): Orchestrator {
  const apps = new WeakMap<Instance, AbraApp>();
  const deployWith = async (instance: Instance, stack: Stack, options: Deploying) => {
    assertDeployable(instance, stack);
    const app = apps.get(instance) ?? (await opened(instance, stack, means, options.signal));
    apps.set(instance, app);
    await deploy(instance, stack, { ...options, app });
  };
  return {
    ...swarmOrchestrator,
    kind: 'abra',
    byStackName: true,
    shape: async (instance, stack, { name, stage }) => ({
      ...(await wantedShape(instance, stack, { name, stage })),
      ...asWritten(stack, name),
    }),
    deploy: deployWith,
    scaleUp: (instance, signal) => deployWith(instance, deployedOf(instance).stack, { signal }),
    withdraw: async (instance, signal) => {
      const app = apps.get(instance);
      return app === undefined ? [] : withdraw(instance, app, signal);
    },
  };
}

async function opened(
  instance: Instance,
  stack: Stack,
  { find, cloneTo }: AbraMeans,
  signal: AbortSignal,
): Promise<AbraApp> {
  const place = await find(instance);
  const { release } = deployedOf(instance);
  return openApp(instance, { place, cloneTo, stack, release, signal });
}

/** abra reads the recipe itself, so nothing is rewritten for this host, and no digest stands in for the rest. */
function asWritten(stack: Stack, name: string): JsonObject {
  const { ports = [], deploy } = stack.services[name] ?? {};
  return {
    endpoint: deploy?.endpoint_mode ?? 'vip',
    ports: portsShape(
      ports.map(({ target, published = 0, protocol = 'tcp', mode = 'ingress' }) => ({
        ...{ target, published, protocol, mode },
      })),
    ),
    other: null,
  };
}

function assertDeployable({ state }: Instance, stack: Stack): void {
  const [missing] = state.missingNetworks;
  if (missing !== undefined)
    throw new WorldError('unavailable', `network ${missing} is not in the engine`, {
      hint: `abra deploys behind a proxy: docker network create -d overlay --attachable ${missing}`,
    });
  if (Object.keys(state.ports).length > 0)
    throw new WorldError('refused', `${stack.name} publishes a port without a number`, {
      hint: 'abra takes ports from the recipe alone: give it a number there, or take driver swarm.',
    });
}

async function deploy(
  instance: Instance,
  stack: Stack,
  { app, signal, forced = false }: Deploying & { readonly app: AbraApp },
): Promise<void> {
  const { engine } = instance;
  const { release, stage } = deployedOf(instance);
  const commit = commitOf(release);
  const before = await listServices(engine, stack.name);
  await app.writeEnv(release, stage);
  await app.checkout.set(commit);
  await makeSecrets(instance, stack, { app, signal });
  await app.checkout.verify(commit);
  const flags = ['--chaos', '--no-input', '--no-domain-checks', '--no-converge-checks'];
  const answer = await app.call(['deploy', app.domain, ...flags], signal);
  if (answer.failed)
    throw await refusalOf(engine, 'abra app deploy', {
      exitCode: answer.exitCode,
      said: answer.said,
    });
  await app.checkout.verify(commit);
  if (forced) await forceUpdate(engine, stack.name);
  await prune(instance, stack);
  instance.state.sent = sentTo(stack, before, await listServices(engine, stack.name));
}

/** abra leaves services that the new release does not have. */
async function prune({ engine }: Instance, stack: Stack): Promise<void> {
  const dropped = (await listServices(engine, stack.name)).filter(
    ({ Spec: { Name: name } }: ServiceFacts) =>
      stack.services[shortName(stack.name, name)] === undefined,
  );
  for (const { ID: id } of dropped)
    await engine.call({ method: 'DELETE', path: `/services/${id}`, allow: [404] });
}

/** In abra's own order; the end of tasks is waited for, since `undeploy` does not. */
async function withdraw(
  instance: Instance,
  app: AbraApp,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { stack } = deployedOf(instance);
  const troubles: string[] = [];
  const step = async (...args: readonly string[]): Promise<boolean> => {
    const answer = await app.call([...args, '--no-input'], signal);
    if (answer.failed) troubles.push(told(`app ${args.slice(0, -1).join(' ')}`, answer));
    return !answer.failed;
  };
  const { domain } = app;
  try {
    const up = (await listServices(instance.engine, stack.name)).length > 0;
    // What was refused leaves every task running: they go by force, with their volumes.
    if (up && (await step('undeploy', domain))) {
      await tasksGone(instance, stack.name, signal);
      if (Object.keys(stack.volumes ?? {}).length > 0)
        await step('volume', 'remove', domain, '--force');
    }
    if (app.secrets.size > 0) await step('secret', 'remove', domain, '--all');
    await step('remove', domain, '--force');
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    troubles.push(error.message);
  }
  return troubles;
}
