// Apps of one run that reach one another where there is no proxy: a network that the first of their stacks
// makes and the others join, and on it the name that the proxy would have answered to.

import type { Stack, StackNetwork } from '../../ports/stack.ts';
import { isOnProxyNetwork } from './ingress.ts';
import type { Instance } from './instance.ts';
import { answering } from './reach.ts';

/** What stands in the stack for the proxy's network, which this engine does not have. */
export function standInFor({ earlier, state }: Instance, stack: Stack, key: string): StackNetwork {
  const made = earlier.map((each) => each.state.standIn).find((name) => name !== undefined);
  if (made !== undefined) return { external: true, name: made };
  state.standIn = `${stack.name}_${key}`;
  return {};
}

/** A dependency answers to its domain on the network that is there in place of the proxy's. */
export function withDomain(instance: Instance, stack: Stack): Stack {
  const { context, settings } = instance;
  const { domain } = stack;
  const key = standInKey(instance, stack);
  if (context.dependency !== true || domain === undefined || key === undefined) return stack;
  const wanted = 'none' in settings.health ? 'app' : settings.health.service;
  const name = answering(stack, wanted);
  const service = stack.services[name];
  const own = service?.networks?.[key];
  if (service === undefined || own === undefined) return stack;
  const joined = { ...own, aliases: [...(own.aliases ?? []), domain] };
  const networks = { ...service.networks, [key]: joined };
  return { ...stack, services: { ...stack.services, [name]: { ...service, networks } } };
}

function standInKey({ earlier, state }: Instance, stack: Stack): string | undefined {
  const names = [state, ...earlier.map((each) => each.state)].flatMap(
    ({ standIn }) => standIn ?? [],
  );
  return Object.entries(stack.networks ?? {}).find(([key, { name, external }]) =>
    names.includes(external === true ? (name ?? key) : `${stack.name}_${key}`),
  )?.[0];
}

/** Undefined where others of the run do not reach it: it is on no network that they are on, or has no HTTP. */
export function innerUrlOf(instance: Instance): string | undefined {
  const { way, deployed } = instance.state;
  if (way === undefined || deployed === undefined) return undefined;
  const { domain } = deployed.stack;
  if (domain === undefined) return undefined;
  if (hasDomain(instance, deployed.stack, way.service))
    return `${way.scheme ?? 'http'}://${domain}:${String(way.port)}`;
  return isOnProxyNetwork(deployed.stack) ? `https://${domain}` : undefined;
}

function hasDomain(instance: Instance, stack: Stack, service: string): boolean {
  const joined = stack.services[service]?.networks?.[standInKey(instance, stack) ?? ''];
  return joined?.aliases?.includes(stack.domain ?? '') === true;
}
