// Brings every short form of a compose file into its long one, so that files can be merged and stacks
// be compared part by part. Works on files whose shape was checked.

import { goText } from './go-text.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import { readPort } from './port-forms.ts';
import { shellWords } from './shell-words.ts';
import type { Variables } from './fill.ts';
import {
  at,
  listAt,
  mappingAt,
  scalarAt,
  type Entry,
  type Mapping,
  type Node,
  type Place,
  type Scalar,
} from './tree.ts';
import { readVolume } from './volume-forms.ts';

type Normalising = { readonly variables: Variables; readonly problems: RecipeProblem[] };
type Form = (node: Node, normalising: Normalising) => Node;

export function normaliseFile(
  tree: Mapping,
  variables: Variables,
): { readonly tree: Mapping; readonly problems: readonly RecipeProblem[] } {
  const normalising: Normalising = { variables, problems: [] };
  const normalised = replace(tree, 'services', (services) =>
    services.kind === 'map'
      ? eachEntry(services, (service) =>
          service.kind === 'map' ? normaliseService(service, normalising) : service,
        )
      : services,
  );
  const sections = ['networks', 'volumes', 'secrets', 'configs'];
  const done = sections.reduce(
    (file, section) =>
      replace(file, section, (node) =>
        node.kind === 'map' ? eachEntry(node, (each) => normaliseObject(each, normalising)) : node,
      ),
    normalised,
  );
  return { tree: done, problems: normalising.problems };
}

function normaliseService(service: Mapping, normalising: Normalising): Mapping {
  const entries: (readonly [string, Entry])[] = [];
  for (const [key, entry] of service.entries) {
    const form = serviceForms[key];
    const node = form === undefined ? entry.node : form(entry.node, normalising);
    entries.push([key, { key: entry.key, node }]);
  }
  return mappingAt(service, entries);
}

const isScalar = (node: Node): node is Scalar => node.kind === 'scalar';
const written = ({ value }: Scalar): string => (value === null ? '' : String(value));

const asText = (node: Node): Node =>
  isScalar(node) && typeof node.value !== 'string' ? { ...node, value: goText(node) } : node;

/** In a mapping a date is a date; in a list `A=2020-01-01` is a text. */
const asValue = (node: Node): Node => (isScalar(node) ? { ...node, value: goText(node) } : node);

/** `a: b`, or a list of `a=b`, as a mapping of texts; without `=` the value is missing. */
export function pairsOf(node: Node): readonly (readonly [string, Entry])[] {
  if (node.kind === 'map') return [...node.entries];
  if (node.kind !== 'list') return [];
  return node.items.filter(isScalar).map((item): readonly [string, Entry] => {
    const text = written(item);
    const cut = text.indexOf('=');
    const name = cut === -1 ? text : text.slice(0, cut);
    const value = cut === -1 ? null : text.slice(cut + 1);
    const template = item.template === undefined ? undefined : cutTemplate(item.template);
    return [name, { key: item.span, node: { ...scalarAt(item, value, template) } }];
  });
}

const cutTemplate = (template: string): string => template.slice(template.indexOf('=') + 1);

const textMap: Form = (node) =>
  mappingAt(
    node,
    pairsOf(node).map(([key, { key: span, node: value }]) => [
      key,
      { key: span, node: asValue(value) },
    ]),
  );

/**
 * An empty value is taken from the variables, like a missing one. What stays missing has no value: the engine then
 * takes the variable of that name away from what the image says.
 */
const environment: Form = (node, { variables }) =>
  mappingAt(
    node,
    pairsOf(node).flatMap(([name, { key, node: value }]): readonly (readonly [string, Entry])[] => {
      if (!isScalar(value)) return [];
      const text = goText(value) === '' ? variables.get(name) : goText(value);
      const kept = text ?? (value.value === null ? null : '');
      return [[name, { key, node: { ...value, value: kept } }]];
    }),
  );

const textList: Form = (node) =>
  listAt(node, (node.kind === 'list' ? node.items : [node]).map(asText));

const command: Form = (node, { problems }) => {
  if (!isScalar(node)) return textList(node, { variables: new Map(), problems });
  const words = shellWords(written(node));
  if (words === undefined)
    problems.push(
      problemAt(node, 'RCP003', 'A quote is opened and not closed.', { hint: 'Write a list.' }),
    );
  return listAt(
    node,
    (words ?? []).map((word) => scalarAt(node, word)),
  );
};

const healthcheck: Form = (node) =>
  replace(node, 'test', (test) =>
    isScalar(test)
      ? listAt(test, [scalarAt(test, 'CMD-SHELL'), { ...test, value: written(test) }])
      : test,
  );

const record = (place: Place, fields: Readonly<Record<string, Node | undefined>>): Mapping =>
  mappingAt(
    place,
    Object.entries(fields).flatMap(([key, node]): readonly (readonly [string, Entry])[] =>
      node === undefined ? [] : [[key, { key: place.span, node }]],
    ),
  );

const ports: Form = (node, { problems }) =>
  listAt(
    node,
    itemsOf(node).flatMap((item) => {
      if (!isScalar(item)) return [item];
      const found = readPort(written(item));
      if (found === undefined)
        problems.push(
          problemAt(item, 'RCP003', `\`${written(item)}\` is no port.`, {
            hint: 'Write `published:target/protocol`.',
          }),
        );
      return (found ?? []).map(({ target, published, protocol }) =>
        record(item, {
          mode: scalarAt(item, 'ingress'),
          target: scalarAt(item, target),
          published: published === undefined ? undefined : scalarAt(item, published),
          protocol: scalarAt(item, protocol),
        }),
      );
    }),
  );

const volumes: Form = (node, { problems }) =>
  listAt(
    node,
    itemsOf(node).flatMap((item) => {
      if (!isScalar(item)) return [item];
      const found = readVolume(written(item));
      if ('fault' in found) {
        problems.push(problemAt(item, 'RCP003', `The volume ${found.fault}.`));
        return [];
      }
      const text = (value: string | undefined) =>
        value === undefined ? undefined : scalarAt(item, value, item.template);
      const yes = scalarAt(item, true);
      return [
        record(item, {
          type: text(found.type),
          source: text(found.source),
          target: text(found.target),
          read_only: found.readOnly === true ? yes : undefined,
          volume: found.nocopy === true ? record(item, { nocopy: yes }) : undefined,
          bind:
            found.propagation === undefined
              ? undefined
              : record(item, { propagation: text(found.propagation) }),
        }),
      ];
    }),
  );

const itemsOf = (node: Node): readonly Node[] => (node.kind === 'list' ? node.items : []);

/** Secrets and configs of a service. */
const mounts: Form = (node) =>
  listAt(
    node,
    itemsOf(node).map((item) =>
      isScalar(item) ? record(item, { source: { ...item, value: written(item) } }) : item,
    ),
  );

const serviceNetworks: Form = (node) =>
  node.kind === 'map'
    ? node
    : mappingAt(
        node,
        itemsOf(node)
          .filter(isScalar)
          .map((item): readonly [string, Entry] => [
            written(item),
            { key: item.span, node: scalarAt(item, null) },
          ]),
      );

const hosts: Form = (node) =>
  node.kind === 'list'
    ? textList(node, { variables: new Map(), problems: [] })
    : listAt(
        node,
        pairsOf(node).map(([name, { node: value }]) =>
          scalarAt(value, `${name}:${isScalar(value) ? written(value) : ''}`),
        ),
      );

const deploy: Form = (node, normalising) => {
  const labelled = replace(node, 'labels', (labels) => textMap(labels, normalising));
  return replace(labelled, 'resources', (resources) =>
    ['limits', 'reservations'].reduce(
      (found, kind) =>
        replace(found, kind, (limits) =>
          replace(limits, 'memory', (memory) => checkMemory(memory, normalising)),
        ),
      resources,
    ),
  );
};

const memorySize = /^\d+(?:\.\d+)?\s?(?:[kmgtp]?(?:i?b)?)$/i;

function checkMemory(node: Node, { problems }: Normalising): Node {
  if (isScalar(node) && !memorySize.test(written(node)))
    problems.push(
      problemAt(node, 'RCP003', `\`${written(node)}\` is no amount of memory.`, {
        hint: 'Write 512M or 1.5G.',
      }),
    );
  return node;
}

const serviceForms: Readonly<Record<string, Form>> = {
  environment,
  deploy,
  command,
  entrypoint: command,
  healthcheck,
  ports,
  volumes,
  secrets: mounts,
  configs: mounts,
  networks: serviceNetworks,
  labels: textMap,
  sysctls: textMap,
  extra_hosts: hosts,
  dns: textList,
  dns_search: textList,
  tmpfs: textList,
  expose: textList,
};

/** `external: {name: x}` is the old way of writing `external: true` and `name: x`. */
function normaliseObject(node: Node, normalising: Normalising): Node {
  if (node.kind !== 'map') return record(node, {});
  const labelled = replace(node, 'labels', (labels) => textMap(labels, normalising));
  const external = at(labelled, 'external');
  const name = at(external, 'name');
  if (external === undefined || name === undefined) return labelled;
  const entries = new Map(labelled.entries);
  const key = entries.get('external')?.key ?? external.span;
  entries.set('external', { key, node: scalarAt(external, true) });
  entries.set('name', { key, node: name });
  return mappingAt(labelled, entries);
}

function replace(node: Mapping, key: string, change: (node: Node) => Node): Mapping;
function replace(node: Node, key: string, change: (node: Node) => Node): Node;
function replace(node: Node, key: string, change: (node: Node) => Node): Node {
  if (node.kind !== 'map') return node;
  const entry = node.entries.get(key);
  if (entry === undefined) return node;
  const entries = new Map(node.entries);
  entries.set(key, { key: entry.key, node: change(entry.node) });
  return mappingAt(node, entries);
}

const eachEntry = (node: Mapping, change: (node: Node) => Node): Mapping =>
  mappingAt(
    node,
    [...node.entries].map(([key, entry]): readonly [string, Entry] => [
      key,
      { key: entry.key, node: change(entry.node) },
    ]),
  );
