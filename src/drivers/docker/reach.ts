// How checks reach the app: at the port that it publishes, else inside the network namespace of its task.

import type { Stack, StackService } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import { inspectContainer } from './containers.ts';
import { runningContainer } from './exec.ts';
import { findImage } from './images.ts';
import type { Instance } from './instance.ts';
import type { Orchestrator } from './orchestrator.ts';
import { portKey } from './lease.ts';
import { openRelay } from './task-relay.ts';

const portLabel = /^traefik\.http\.services\.[^.]+\.loadbalancer\.server\.port$/;
const schemeLabel = /^traefik\.http\.services\.[^.]+\.loadbalancer\.server\.scheme$/;

/** Opens the way into the task where nothing is published; asked after install and after each upgrade. */
export async function openWay(instance: Instance, orchestrator: Orchestrator): Promise<void> {
  const { state, settings } = instance;
  if ('none' in settings.health || state.deployed === undefined) return;
  state.way = await findWay(instance, state.deployed.stack);
  if (state.way === undefined || publishedPort(instance) !== undefined) return;
  const { via = 'auto' } = settings.health;
  if (via === 'ingress' || via === 'published')
    throw new WorldError(
      'unavailable',
      `health.via ${via}: ${state.way.service} publishes no port`,
      {
        hint: 'Leave health.via out, and the app is asked inside its task.',
      },
    );
  state.relay ??= await openRelay(() => target(instance, orchestrator));
}

/** Where `app` says no port, the proxy may be told of a service in front of it. */
export async function findWay(
  instance: Pick<Instance, 'engine' | 'settings'>,
  stack: Stack,
): Promise<Instance['state']['way']> {
  const { health } = instance.settings;
  if ('none' in health) return undefined;
  const wanted = answering(stack, health.service);
  for (const name of new Set([wanted, routed(stack) ?? wanted])) {
    const service = stack.services[name];
    if (service === undefined) continue;
    const port = health.port ?? (await portOf(instance, service));
    if (port !== undefined)
      return { service: name, port, scheme: labelled(service, schemeLabel) ?? 'http' };
  }
  return undefined;
}

async function target(instance: Instance, orchestrator: Orchestrator) {
  const { way } = instance.state;
  if (way === undefined) throw new WorldError('app-failed', 'no service answers over HTTP');
  const id = await runningContainer(instance, orchestrator, way.service);
  const container = await inspectContainer(instance.engine, id);
  const pid = container?.State.Pid ?? 0;
  if (pid <= 1) throw new WorldError('app-failed', `no process of service ${way.service} runs`);
  const networks = Object.values(container?.NetworkSettings.Networks ?? {});
  const addresses = networks.map(({ IPAddress: address }) => address).filter((each) => each !== '');
  return { pid, port: way.port, addresses };
}

/** The service that the manifest names; where it is not there, the one that the proxy is told of, or the only one. */
export function answering(stack: Stack, wanted: string): string {
  if (stack.services[wanted] !== undefined) return wanted;
  const names = Object.keys(stack.services);
  return routed(stack) ?? (names.length === 1 ? (names[0] ?? wanted) : wanted);
}

const routed = ({ services }: Stack): string | undefined =>
  Object.keys(services)
    .sort()
    .find((name) => labelled(services[name], portLabel) !== undefined);

function labelled(service: StackService | undefined, pattern: RegExp): string | undefined {
  const labels = { ...service?.labels, ...service?.deploy?.labels };
  return Object.entries(labels).find(([name]) => pattern.test(name))?.[1];
}

/** As the proxy is told, else the one that it publishes, else the only one that the image exposes. */
async function portOf(
  { engine }: Pick<Instance, 'engine'>,
  service: StackService,
): Promise<number | undefined> {
  const told = Number(labelled(service, portLabel));
  if (Number.isInteger(told) && told > 0) return told;
  const [published] = service.ports ?? [];
  if (published !== undefined) return published.target;
  const { Config: config } = (await findImage(engine, service.image)) ?? { Config: null };
  const exposed = Object.keys(config?.ExposedPorts ?? {}).filter((key) => key.endsWith('/tcp'));
  return exposed.length === 1 ? Number.parseInt(exposed[0] ?? '', 10) : undefined;
}

function publishedPort({ state, settings: { health } }: Instance): number | undefined {
  const { way, deployed } = state;
  if (way === undefined || ('via' in health && health.via === 'task')) return undefined;
  const port = deployed?.stack.services[way.service]?.ports?.find(
    ({ target: to }) => to === way.port,
  );
  return port && state.ports[portKey(way.service, port.target, port.protocol)];
}

/** Undefined while nothing answers, or where the app has no HTTP. */
export function urlOf(instance: Instance): string | undefined {
  const { state, settings } = instance;
  if ('none' in settings.health || state.way === undefined) return undefined;
  const published = publishedPort(instance);
  if (published !== undefined)
    return `${settings.health.scheme}://${state.address}:${String(published)}`;
  const { relay, way } = state;
  // The proxy ends TLS: what a task itself speaks is told by the label alone.
  return relay === undefined ? undefined : `${way.scheme}://127.0.0.1:${String(relay.port)}`;
}
