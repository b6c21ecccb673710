// A stack as the text that `docker stack deploy` and `docker compose` read. JSON is YAML of every
// version, with no key that an old reader takes for a boolean.

import type { Json, JsonObject } from '../../ports/json.ts';
import type { Stack, StackConfig, StackFile, StackService } from '../../ports/stack.ts';
import { marksOf } from './instance.ts';
import { defaultNetwork, labels, nameIn, networksOf } from './names.ts';
import { compact, otherDigest, passedOn, type Owned } from './shape.ts';

/** Both programs would interpolate: nothing of a rendered stack is a variable any more. */
export function escapeDollars(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map((each: Json) => escapeDollars(each));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, escapeDollars(each)]));
}

export type PartsText = {
  readonly service: (name: string, service: StackService) => JsonObject;
  readonly configs: JsonObject;
  readonly secrets: JsonObject;
};

export function stackFile(instance: Owned, stack: Stack, parts: PartsText): string {
  const marks = marksOf(instance.context);
  const part = (kind: 'network' | 'volume', all: Readonly<Record<string, object>>): JsonObject =>
    Object.fromEntries(
      Object.entries(all).map(([key, own]) => {
        const name = nameIn(stack, kind, key);
        if ('external' in own && own.external === true)
          return [key, { name, external: true }] as const;
        const given = own as JsonObject;
        const labelsGiven = (given['labels'] ?? {}) as JsonObject;
        const all: JsonObject = { ...given, name, labels: { ...labelsGiven, ...marks } };
        return [key, all] as const;
      }),
    );
  const file = {
    version: formatOf(stack),
    services: Object.fromEntries(
      Object.entries(stack.services).map(([name, service]) => [name, parts.service(name, service)]),
    ),
    networks: part('network', networksOf(stack)),
    volumes: part('volume', stack.volumes ?? {}),
    configs: parts.configs,
    secrets: parts.secrets,
  };
  return escaped(JSON.stringify(escapeDollars(file)));
}

/** Characters that JSON lets stand and readers of YAML refuse, or take for the end of a line. */
const escaped = (json: string): string =>
  json.replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Of the file: the oldest that has every key in use, since older clients refuse newer ones. */
function formatOf({ services }: Stack): string {
  const all = Object.values(services);
  const uses = (key: string): boolean =>
    all.some(({ other, healthcheck }) => key in { ...other, ...healthcheck });
  const onNetwork = all.flatMap(({ networks }) => Object.values(networks ?? {}));
  if (onNetwork.some((own) => 'driver_opts' in own)) return '3.13';
  if (uses('start_interval')) return '3.13';
  const limits = all.map(({ deploy }) => deploy?.resources?.['limits'] as JsonObject | undefined);
  return limits.some((each) => each?.['pids'] !== undefined) ? '3.9' : '3.8';
}

/** Container labels with the run's marks. */
export const markedLabels = (
  { context }: Owned,
  service: StackService,
  given: Readonly<Record<string, string>> = {},
): JsonObject => {
  const other = otherDigest(service);
  return {
    ...given,
    ...marksOf(context),
    ...(other === undefined ? {} : { [labels.other]: other }),
  };
};

/** Written by each program's own function: they differ. */
const differing = new Set(['other', 'networks', 'ports', 'labels', 'deploy', 'configs', 'secrets']);

/** Everything of a service that both programs know under the same name. */
export function commonService(service: StackService): JsonObject {
  const { other, networks } = service;
  const rest = Object.entries(service as unknown as JsonObject).filter(
    ([key]) => !differing.has(key),
  );
  return compact({
    ...(other ?? {}),
    ...Object.fromEntries(rest),
    environment: service.environment === undefined ? undefined : passedOn(service),
    networks: networks ?? { [defaultNetwork]: {} },
  });
}

/** What a task reads; undefined for a config that a hook makes. */
export const contentOf = ({ content, encoding }: StackConfig): Uint8Array | undefined =>
  content === undefined ? undefined : Buffer.from(content, encoding ?? 'utf8');

/** Where a config or secret appears in the container. */
export const fileTarget = (kind: 'config' | 'secret', { source, target }: StackFile): string => {
  const name = target ?? source;
  if (name.startsWith('/')) return name;
  return kind === 'config' ? `/${name}` : `/run/secrets/${name}`;
};
