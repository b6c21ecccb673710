// How checks reach the app: at the port that it publishes, else inside the network namespace of its task. What
// the proxy says of it is asked beside that; see ingress.ts.

import type { Stack, StackService } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import { inspectContainer } from './containers.ts';
import { runningContainer } from './exec.ts';
import { findImage } from './images.ts';
import { throughProxy } from './ingress.ts';
import type { Instance } from './instance.ts';
import type { Orchestrator } from './orchestrator.ts';
import { portKey } from './lease.ts';
import { openRelay } from './task-relay.ts';

const serverLabels = {
  port: /^traefik\.http\.services\.[^.]+\.loadbalancer\.server\.port$/,
  scheme: /^traefik\.http\.services\.[^.]+\.loadbalancer\.server\.scheme$/,
} as const;

/**
 * Opens the way into the task where nothing is published, or where the proxy's answer is held against it; asked
 * after install and after each upgrade.
 */
export async function openWay(instance: Instance, orchestrator: Orchestrator): Promise<void> {
  const { state, settings } = instance;
  if ('none' in settings.health || state.deployed === undefined) return;
  state.way = await findWay(instance, state.deployed.stack);
  state.throughProxy = throughProxy(instance, orchestrator);
  if (state.way === undefined) return;
  if (publishedPort(instance) !== undefined && !state.throughProxy) return;
  if (settings.health.via === 'published')
    throw new WorldError(
      'unavailable',
      `health.via published: ${state.way.service} publishes no port`,
      {
        hint: 'Leave health.via out, and the app is asked inside its task.',
      },
    );
  state.relay ??= await openRelay(() => target(instance, orchestrator));
}

/**
 * Where `app` says no port, the proxy may be told of a service in front of it: what an image exposes comes after
 * that, since it may be the port of another protocol, as FastCGI's is.
 */
export async function findWay(
  instance: Pick<Instance, 'engine' | 'settings'>,
  stack: Stack,
): Promise<Instance['state']['way']> {
  const { health } = instance.settings;
  if ('none' in health) return undefined;
  const wanted = answering(stack, health.service);
  const front = routed(stack) ?? wanted;
  const saying = health.service === 'app' ? [wanted, front] : [wanted];
  const asked = [
    ...saying.map((name) => ({ name, portOf: saidPort })),
    ...[wanted, front].map((name) => ({ name, portOf: anyPort })),
  ];
  for (const { name, portOf } of asked) {
    const service = stack.services[name];
    if (service === undefined) continue;
    const port = health.port ?? (await portOf(instance, stack, service));
    const scheme = labelOf(stack, service, 'scheme');
    if (port !== undefined)
      return { service: name, port, ...(scheme === undefined ? {} : { scheme }) };
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

/** Of several the one that has the name of the stack at the proxy, or the domain for itself. */
const routed = (stack: Stack): string | undefined =>
  Object.keys(stack.services)
    .filter((name) => labelOf(stack, stack.services[name], 'port') !== undefined)
    .sort((a, b) => rankOf(stack, a) - rankOf(stack, b) || (a < b ? -1 : 1))[0];

function rankOf(stack: Stack, name: string): number {
  const labels = Object.entries(labelsOf(stack.services[name]));
  if (labels.some(([label]) => label === ownLabel(stack, 'port'))) return 0;
  const whole = labels.some(
    ([label, rule]) =>
      /^traefik\.http\.routers\.[^.]+\.rule$/.test(label) &&
      rule.includes(`Host(\`${stack.domain ?? ''}\``) &&
      !rule.includes('Path'),
  );
  return whole ? 1 : 2;
}

const labelsOf = (service: StackService | undefined): Readonly<Record<string, string>> => ({
  ...service?.labels,
  ...service?.deploy?.labels,
});

type ServerLabel = 'port' | 'scheme';

const ownLabel = ({ name }: Stack, what: ServerLabel): string =>
  `traefik.http.services.${name}.loadbalancer.server.${what}`;

/** What the proxy is told of a service, first under the name of the stack. */
function labelOf(
  stack: Stack,
  service: StackService | undefined,
  what: ServerLabel,
): string | undefined {
  const labels = labelsOf(service);
  return (
    labels[ownLabel(stack, what)] ??
    Object.entries(labels).find(([name]) => serverLabels[what].test(name))?.[1]
  );
}

type PortOf = (
  instance: Pick<Instance, 'engine'>,
  stack: Stack,
  service: StackService,
) => Promise<number | undefined>;

/** As the proxy is told, else the one that it publishes. */
const saidPort: PortOf = (_, stack, service) => {
  const told = Number(labelOf(stack, service, 'port'));
  return Promise.resolve(Number.isInteger(told) && told > 0 ? told : service.ports?.[0]?.target);
};

/** Else the only one that the image exposes. */
const anyPort: PortOf = async (instance, stack, service) => {
  const said = await saidPort(instance, stack, service);
  if (said !== undefined) return said;
  const { Config: config } = (await findImage(instance.engine, service.image)) ?? { Config: null };
  const exposed = Object.keys(config?.ExposedPorts ?? {}).filter((key) => key.endsWith('/tcp'));
  return exposed.length === 1 ? Number.parseInt(exposed[0] ?? '', 10) : undefined;
};

function publishedPort({ state, settings: { health } }: Instance): number | undefined {
  const { way, deployed } = state;
  if (way === undefined || ('via' in health && health.via === 'task')) return undefined;
  const port = deployed?.stack.services[way.service]?.ports?.find(
    ({ target: to }) => to === way.port,
  );
  return port && state.ports[portKey(way.service, port.target, port.protocol)];
}

const tlsPorts: readonly number[] = [443, 8443];

/** Undefined while nothing answers, or where the app has no HTTP. */
export function urlOf(instance: Instance): string | undefined {
  const { state, settings } = instance;
  if ('none' in settings.health || state.way === undefined) return undefined;
  const { relay, way } = state;
  const published = publishedPort(instance);
  // The proxy ends TLS. A port beside it has none that the proxy would end: what is asked there is the app's own.
  if (published === undefined)
    return relay && `${way.scheme ?? 'http'}://127.0.0.1:${String(relay.port)}`;
  const usual = way.scheme ?? (tlsPorts.includes(way.port) ? 'https' : 'http');
  return `${settings.health.scheme ?? usual}://${state.address}:${String(published)}`;
}
