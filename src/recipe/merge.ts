// Merges compose files in the order in which COMPOSE_FILE names them. Each rule was measured with
// `docker stack config`; where that loses a port without a word, both ports are kept.

import {
  at,
  listAt,
  mappingAt,
  type Entry,
  type List,
  type Mapping,
  type Node,
  type Scalar,
} from './tree.ts';

export function mergeFiles(files: readonly Mapping[]): Mapping {
  const [first, ...rest] = files;
  return rest.reduce(mergeFile, first as Mapping);
}

/** Services are merged part by part; networks, volumes, secrets and configs are replaced whole. */
const mergeFile = (base: Mapping, over: Mapping): Mapping =>
  mergeMaps(base, over, (section, below, above) =>
    section === 'services' && below.kind === 'map' && above.kind === 'map'
      ? mergeMaps(below, above, (_, one, other) =>
          one.kind === 'map' && other.kind === 'map' ? mergeService(one, other) : other,
        )
      : below.kind === 'map' && above.kind === 'map'
        ? mergeMaps(below, above, (_, one, other) => (section === 'services' ? one : other))
        : above,
  );

type Combine = (key: string, below: Node, above: Node) => Node;

function mergeMaps(base: Mapping, over: Mapping, combine: Combine): Mapping {
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    entries.set(
      key,
      below === undefined ? entry : { key: entry.key, node: combine(key, below.node, entry.node) },
    );
  }
  return mappingAt(over.entries.size > 0 && base.entries.size === 0 ? over : base, entries);
}

const mergeService = (base: Mapping, over: Mapping): Mapping =>
  mergeMaps(base, over, (key, below, above) => {
    const rule = rules[key];
    return rule === undefined ? mergeDeep(below, above) : rule(below, above);
  });

type Rule = (below: Node, above: Node) => Node;

/** Mappings by key, lists one after the other, and of plain values the later one unless it is empty. */
const mergeDeep: Rule = (below, above) => {
  if (below.kind === 'map' && above.kind === 'map')
    return mergeMaps(below, above, (_, one, other) => mergeDeep(one, other));
  if (below.kind === 'list' && above.kind === 'list')
    return listAt(above, [...below.items, ...above.items]);
  return isEmpty(above) ? below : above;
};

/** `false` and an empty text do not take back what an earlier file says; zero does. */
const isEmpty = (node: Node): boolean =>
  node.kind === 'scalar' && (node.value === null || node.value === '' || node.value === false);

const replaceUnlessEmpty: Rule = (below, above) =>
  above.kind === 'list' && above.items.length === 0 ? below : above;

const byKey = (keyOf: (node: Node) => string): Rule => {
  return (below, above) => {
    const merged = new Map<string, Node>();
    for (const node of [...itemsOf(below), ...itemsOf(above)]) merged.set(keyOf(node), node);
    return listAt(above, [...merged.values()]);
  };
};

const itemsOf = (node: Node): List['items'] => (node.kind === 'list' ? node.items : []);
const field = (node: Node, name: string): string => {
  const found = at(node, name) as Scalar | undefined;
  return found?.kind === 'scalar' ? String(found.value) : '';
};

const texts: Rule = (below, above) =>
  below.kind === 'map' && above.kind === 'map'
    ? mergeMaps(below, above, (_, __, last) => last)
    : above;

/** A variable that a later file leaves empty keeps the value of an earlier one. */
const environment: Rule = (below, above) =>
  below.kind === 'map' && above.kind === 'map'
    ? mergeMaps(below, above, (_, one, last) => (isEmpty(last) ? one : last))
    : above;

/** As everything, but of texts under one name the later one counts, also when it is empty. */
const withTexts =
  (name: string): Rule =>
  (below, above) =>
    below.kind === 'map' && above.kind === 'map'
      ? mergeMaps(below, above, (key, one, other) =>
          key === name ? texts(one, other) : mergeDeep(one, other),
        )
      : mergeDeep(below, above);

const mergeLogging: Rule = (below, above) => {
  const [one, other] = [field(below, 'driver'), field(above, 'driver')];
  const same = one === other || one === '' || other === '';
  return same ? withTexts('options')(below, above) : above;
};

const mergeNetworks: Rule = (below, above) =>
  below.kind === 'map' && above.kind === 'map'
    ? mergeMaps(below, above, (_, one, other) => mergeNetwork(one, other))
    : above;

/** Aliases are replaced, even by none, as soon as the later file says anything of the network. */
const mergeNetwork: Rule = (below, above) => {
  if (below.kind !== 'map' || above.kind !== 'map') return above.kind === 'map' ? above : below;
  const entries = new Map<string, Entry>([...below.entries, ...above.entries]);
  if (!above.entries.has('aliases')) entries.delete('aliases');
  return mappingAt(above, entries);
};

const rules: Readonly<Record<string, Rule>> = {
  command: replaceUnlessEmpty,
  entrypoint: replaceUnlessEmpty,
  environment,
  deploy: withTexts('labels'),
  labels: texts,
  sysctls: texts,
  ports: byKey((node) => {
    const published = field(node, 'published');
    return `${published === '' || published === '0' ? `:${field(node, 'target')}` : published}/${field(node, 'protocol') || 'tcp'}`;
  }),
  volumes: byKey((node) => field(node, 'target')),
  secrets: byKey((node) => field(node, 'source')),
  configs: byKey((node) => field(node, 'source')),
  networks: mergeNetworks,
  logging: mergeLogging,
  ulimits: texts,
};
