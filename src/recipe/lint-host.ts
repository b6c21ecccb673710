// What a recipe asks of its host beyond containers. A run refuses each of it unless the manifest of the
// harness's owner allows it; the linter tells.

import type { LintInput } from './lint-input.ts';
import type { Recipe } from './load-recipe.ts';
import { isTrue } from './lint-services.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import { at, entriesAt, itemsAt, textAt, type Node, type Place } from './tree.ts';

export type HostAccess = {
  readonly kind: 'mount' | 'network' | 'capability';
  /** Path, network or right, as `hostAccess` of the manifest names it. */
  readonly name: string;
  readonly service: string;
  readonly place: Place;
};

export function hostAccessOf({ tree }: Recipe): readonly HostAccess[] {
  const services = entriesAt(tree, 'services').flatMap(([service, { node }]) => [
    ...mounts(service, node),
    ...rights(service, node),
    ...hostNetworks(service, node, at(tree, 'networks')),
  ]);
  return [...services, ...disguised(tree)];
}

/** A volume of the local driver may stand for a folder or a device of the host. */
function disguised(tree: Node): readonly HostAccess[] {
  return entriesAt(tree, 'volumes').flatMap(([volume, { node }]): readonly HostAccess[] => {
    const device = at(node, 'driver_opts', 'device');
    const name = device?.kind === 'scalar' ? String(device.value) : '';
    return device !== undefined && name.startsWith('/')
      ? [{ kind: 'mount', name, service: `volume ${volume}`, place: device }]
      : [];
  });
}

/** Hides a file, or fills a place where a volume may be named: nobody reaches the host through it. */
const nothing = '/dev/null';

function mounts(service: string, node: Node): readonly HostAccess[] {
  return itemsAt(node, 'volumes').flatMap((volume): readonly HostAccess[] => {
    const source = textAt(volume, 'source');
    if (textAt(volume, 'type') !== 'bind' || source === undefined || source === nothing) return [];
    return [{ kind: 'mount', name: source, service, place: volume }];
  });
}

const modes: readonly (readonly [string, HostAccess['kind']])[] = [
  ['pid', 'capability'],
  ['ipc', 'capability'],
  ['userns_mode', 'capability'],
  ['network_mode', 'network'],
];

function rights(service: string, node: Node): readonly HostAccess[] {
  const found: HostAccess[] = [];
  const add = (kind: HostAccess['kind'], name: string, place: Place): void => {
    found.push({ kind, name, service, place });
  };
  for (const [key, kind] of modes) {
    const mode = at(node, key);
    if (mode?.kind === 'scalar' && mode.value !== null)
      add(kind, `${key}: ${String(mode.value)}`, mode);
  }
  const privileged = at(node, 'privileged');
  if (privileged !== undefined && isTrue(privileged)) add('capability', 'privileged', privileged);
  for (const item of [...itemsAt(node, 'cap_add'), ...itemsAt(node, 'devices')])
    if (item.kind === 'scalar') add('capability', String(item.value), item);
  return found;
}

/** By the engine's own name, whatever the recipe calls it. */
function hostNetworks(
  service: string,
  node: Node,
  declared: Node | undefined,
): readonly HostAccess[] {
  return entriesAt(node, 'networks')
    .filter(([key]) => (textAt(declared, key, 'name') ?? key) === 'host')
    .map(([, { key: span }]) => ({
      ...{ kind: 'network', name: 'host', service },
      place: { source: node.source, span },
    }));
}

export const hostRule = ({ recipe }: LintInput): readonly RecipeProblem[] =>
  hostAccessOf(recipe).map(({ kind, name, service, place }) =>
    problemAt(place, 'RCP022', `\`${service}\` asks for the host's ${kind} \`${name}\`.`, {
      hint: /docker\.sock$/.test(name)
        ? 'Whoever reaches the engine owns the host. Runs refuse it without `hostAccess`.'
        : 'Use a named volume, a config or a network; runs refuse it without `hostAccess`.',
    }),
  );
