// The way to the app through the worker's proxy: the host says where the proxy listens, the engine has the
// network that it shares with stacks, and the stack is on it.

import type { IngressRoute } from '../../ports/app-driver.ts';
import type { Stack } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import type { Instance } from './instance.ts';
import type { Orchestrator } from './orchestrator.ts';
import type { DockerHealth } from './settings.ts';

/** The network that recipes share with their proxy. */
export const proxyNetwork = 'proxy';

const viaOf = (health: DockerHealth): string =>
  'none' in health ? 'none' : (health.via ?? 'auto');

/** Throws `unavailable` before anything is deployed: a route that was asked for is not exchanged for another. */
export function assertProxyNamed({
  options,
  settings,
}: Pick<Instance, 'options' | 'settings'>): void {
  if (viaOf(settings.health) === 'ingress' && options.ingress === undefined)
    throw new WorldError('unavailable', 'health.via ingress: this host names no proxy', {
      hint: 'SEATRIAL_INGRESS=https://ADDRESS:PORT says where it listens; without health.via the app is asked past it.',
    });
}

/**
 * Whether the app is asked through the proxy, of what was deployed just now. What base had head has too, or a
 * release that loses its way through the proxy would be asked past it. A worker's proxy learns of apps from the
 * services of its Swarm: it knows none of Compose's containers unless the manifest's author says that it does.
 */
export function throughProxy(
  { options, settings, state }: Instance,
  { kind }: Pick<Orchestrator, 'kind'>,
): boolean {
  const via = viaOf(settings.health);
  const { stack } = state.deployed ?? {};
  if (options.ingress === undefined || stack === undefined) return false;
  if (via === 'ingress') {
    assertReachable(stack, state.missingNetworks);
    return true;
  }
  if (via !== 'auto' || kind === 'compose') return false;
  return stack.domain !== undefined && (state.throughProxy || isOnProxyNetwork(stack));
}

function assertReachable({ domain }: Stack, missing: ReadonlySet<string>): void {
  if (missing.has(proxyNetwork))
    throw new WorldError(
      'unavailable',
      `health.via ingress: the engine has no network ${proxyNetwork}`,
      {
        hint: `The proxy shares it with stacks: docker network create -d overlay --attachable ${proxyNetwork}`,
      },
    );
  if (domain === undefined)
    throw new WorldError(
      'unavailable',
      'health.via ingress: the app has no domain to ask the proxy for',
    );
}

/** Where the engine has none, the network is one of the stack's own by now. */
export const isOnProxyNetwork = ({ networks = {} }: Stack): boolean =>
  Object.entries(networks).some(
    ([key, { name = key, external }]) => external === true && name === proxyNetwork,
  );

export function ingressOf({ options, state }: Instance): IngressRoute | undefined {
  const { relay, way } = state;
  if (!state.throughProxy || options.ingress === undefined) return undefined;
  const scheme = way?.scheme ?? 'http';
  const inside = relay !== undefined && /^https?$/.test(scheme);
  return {
    proxy: options.ingress,
    ...(inside ? { task: `${scheme}://127.0.0.1:${String(relay.port)}` } : {}),
  };
}
