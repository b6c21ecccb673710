// Names and labels in the engine. All names of a stack are known before anything is made of it.

import type { ResourceKind } from '../../ports/app-driver.ts';
import type { Stack } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';

export const labels = {
  run: 'seatrial.run',
  app: 'seatrial.app',
  instance: 'seatrial.instance',
  /** Digest of what a service says beyond what the engine is asked for again. */
  other: 'seatrial.other',
} as const;

const ownPrefixes = ['seatrial.', 'com.docker.stack.', 'com.docker.compose.', 'com.docker.swarm.'];

/** Labels that name what somebody says runs. A change can write into them what it likes. */
const claim = /^coop-cloud\.[^.]+\.(?:recipe|version|chaos|chaos-version)$/;

export const claimsOf = (
  all: Readonly<Record<string, string>> | null | undefined,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(all ?? {}).filter(([name]) => claim.test(name)));

/** Labels that the release itself gave, without those claims. */
export const ownLabels = (
  all: Readonly<Record<string, string>> | null | undefined,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(all ?? {})
      .filter(([name]) => !claim.test(name))
      .filter(([name]) => !ownPrefixes.some((prefix) => name.startsWith(prefix)))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

export const defaultNetwork = 'default';

/** Networks in use, with the one that needs no declaration: services without `networks` share it. */
export function networksOf(stack: Stack): NonNullable<Stack['networks']> {
  const shared = Object.values(stack.services).some(
    ({ networks }) => networks === undefined || defaultNetwork in networks,
  );
  const declared = stack.networks ?? {};
  return shared ? { [defaultNetwork]: {}, ...declared } : declared;
}

export type StackPart = 'network' | 'volume' | 'config' | 'secret';

/** The engine's name for a part of a stack. */
export function nameIn(stack: Stack, part: StackPart, key: string): string {
  const parts = {
    network: networksOf(stack),
    volume: stack.volumes ?? {},
    config: stack.configs ?? {},
    secret: stack.secrets ?? {},
  }[part];
  const own = parts[key];
  if (own === undefined)
    throw new WorldError('refused', `${part} ${key} is used but not declared in the stack`);
  const external = 'external' in own && own.external;
  return own.name ?? (external ? key : `${stack.name}_${key}`);
}

export const serviceNameIn = (stack: Stack, service: string): string => `${stack.name}_${service}`;

/** Whatever the stack makes, by kind; parts that belong to others are not among them. */
export function namesOf(stack: Stack): readonly { kind: ResourceKind; name: string }[] {
  const made = (part: StackPart, all: Readonly<Record<string, object>> | undefined) =>
    Object.entries(all ?? {})
      .filter(([, own]) => !('external' in own && own.external === true))
      .map(([key]) => ({ kind: part, name: nameIn(stack, part, key) }));
  return [
    ...made('network', networksOf(stack)),
    ...made('config', stack.configs),
    ...made('secret', stack.secrets),
    ...made('volume', stack.volumes),
    ...Object.keys(stack.services).map((service) => ({
      kind: 'service' as const,
      name: serviceNameIn(stack, service),
    })),
  ];
}

/** Measured: longer ones are refused in the middle of a deployment. */
const limits: Partial<Record<ResourceKind, number>> = {
  service: 63,
  network: 63,
  config: 64,
  secret: 64,
};

/** Throws `refused` for the first name that the engine would not take. */
export function assertNames(stack: Stack): void {
  for (const { kind, name } of namesOf(stack)) {
    const limit = limits[kind] ?? 255;
    if (name.length > limit)
      throw new WorldError(
        'refused',
        `SWM001: ${kind} ${name} has ${String(name.length)} characters, the engine takes ${String(limit)}`,
        { hint: `Shorten the instance's name ${stack.name} by ${String(name.length - limit)}.` },
      );
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name))
      throw new WorldError('refused', `${kind} ${name}: letters, digits, \`_\`, \`.\` and \`-\``);
  }
}
