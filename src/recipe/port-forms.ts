// The short forms of ports: `80`, `8080:80/udp`, `127.0.0.1:8000-8001:80-81`.

export type PortForm = {
  readonly target: number;
  readonly published?: number;
  readonly protocol: string;
};

const range = /^(\d{1,5})(?:-(\d{1,5}))?$/;
const rangeMax = 1000;

const form = /^(?:(\[[0-9a-fA-F:.]*\]|[0-9.]*):)?(?:([0-9-]*):)?([0-9-]+)(?:\/(tcp|udp|sctp))?$/i;

/** Undefined for what is no port. An address is dropped, as Swarm does. */
export function readPort(text: string): readonly PortForm[] | undefined {
  const parts = splitPort(text);
  if (parts === undefined) return undefined;
  const targets = rangeOf(parts.container);
  const published = parts.host === '' ? [] : rangeOf(parts.host);
  return targets === undefined || published === undefined
    ? undefined
    : pair(targets, published, parts.protocol);
}

type PortParts = { readonly host: string; readonly container: string; readonly protocol: string };

function splitPort(text: string): PortParts | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, first, second, container = '', protocol = 'tcp'] = match;
  const how = protocol.toLowerCase();
  if (second === undefined) return { host: first ?? '', container, protocol: how };
  // With two colons, what stands before the first one is an address.
  return first === undefined || isAddress(first)
    ? { host: second, container, protocol: how }
    : undefined;
}

const isAddress = (text: string): boolean => text.startsWith('[') || text.split('.').length === 4;

function rangeOf(text: string): readonly number[] | undefined {
  const match = range.exec(text);
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  if (to < from || to > 65535 || to - from > rangeMax) return undefined;
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function pair(
  targets: readonly number[],
  published: readonly number[],
  protocol: string,
): readonly PortForm[] | undefined {
  if (published.length === 0) return targets.map((target) => ({ target, protocol }));
  if (published.length === targets.length)
    return targets.map((target, index) => ({ target, published: published[index] ?? 0, protocol }));
  const [target] = targets;
  // Several published ports may lead to one.
  if (target === undefined || targets.length > 1) return undefined;
  return published.map((port) => ({ target, published: port, protocol }));
}
