// What the manifest says of ports that a release publishes: one that the host cannot spare is leased anew
// or left out, in base and head alike.

import type { Stack, StackPort } from '../../ports/stack.ts';

export type PortRules = Readonly<Record<string, 'keep' | 'auto' | 'drop'>>;

type RewrittenPorts = {
  readonly stack: Stack;
  /** By `published/protocol`, what was done where the release says otherwise. */
  readonly rewritten: Readonly<Record<string, 'auto' | 'drop'>>;
};

export function rewritePorts(stack: Stack, rules: PortRules): RewrittenPorts {
  const rewritten: Record<string, 'auto' | 'drop'> = {};
  const place = (port: StackPort): readonly StackPort[] => {
    const key = portName(port);
    const rule = key === undefined ? undefined : rules[key];
    if (key === undefined || rule === undefined || rule === 'keep') return [port];
    rewritten[key] = rule;
    const { target, protocol, mode } = port;
    const open = {
      target,
      ...(protocol === undefined ? {} : { protocol }),
      ...(mode === undefined ? {} : { mode }),
    };
    return rule === 'drop' ? [] : [open];
  };
  const services = Object.entries(stack.services).map(([name, service]) => [
    name,
    service.ports === undefined ? service : { ...service, ports: service.ports.flatMap(place) },
  ]);
  return {
    stack: { ...stack, services: Object.fromEntries(services) as Stack['services'] },
    rewritten,
  };
}

/** As the manifest writes it; undefined for a port without a number of its own. */
export const portName = ({ published = 0, protocol = 'tcp' }: StackPort): string | undefined =>
  published === 0 ? undefined : `${String(published)}/${protocol}`;
