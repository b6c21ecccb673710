// A stack as `docker stack deploy` reads it. Configs and secrets are made beforehand through the
// engine, so that they carry the run's label and no value lies in a file.

import { existsSync } from 'node:fs';

import type { JsonObject } from '../../ports/json.ts';
import type { Stack, StackFile, StackPort, StackService } from '../../ports/stack.ts';
import { marksOf } from '../docker/instance.ts';
import { nameIn } from '../docker/names.ts';
import { compact, type Owned } from '../docker/shape.ts';
import { commonService, markedLabels, stackFile } from '../docker/stack-file.ts';

/** Without IP_VS in the kernel no virtual address answers, and no port of the ingress network does. */
export const kernelHasVip = (): boolean =>
  existsSync('/proc/net/ip_vs') || existsSync('/proc/sys/net/ipv4/vs');

/** What the kernel cannot do is rewritten, in base and head alike. */
export const endpointMode = ({ deploy }: StackService): string =>
  kernelHasVip() ? (deploy?.endpoint_mode ?? 'vip') : 'dnsrr';
export const portMode = ({ mode = 'ingress' }: StackPort): string =>
  kernelHasVip() ? mode : 'host';

export function swarmFile(instance: Owned, stack: Stack): string {
  const named = (kind: 'config' | 'secret', all: Readonly<Record<string, object>> = {}) =>
    Object.fromEntries(
      Object.keys(all).map((key) => [key, { external: true, name: nameIn(stack, kind, key) }]),
    );
  return stackFile(instance, stack, {
    service: (_name, service) => swarmService(instance, service),
    configs: named('config', stack.configs),
    secrets: named('secret', stack.secrets),
  });
}

/** Swarm does not know these, or knows them in another form that it then ignores. */
const unknown = new Set(['depends_on', 'restart']);

function swarmService(instance: Owned, service: StackService): JsonObject {
  const { configs, secrets, ports, deploy } = service;
  const common = Object.entries(commonService(service)).filter(([key]) => !unknown.has(key));
  return compact({
    ...Object.fromEntries(common),
    labels: { ...service.labels, ...marksOf(instance.context) },
    ports: ports?.map((port) => ({
      ...{ target: port.target, protocol: port.protocol ?? 'tcp', mode: portMode(port) },
      ...(port.published === undefined || port.published === 0
        ? {}
        : { published: port.published }),
    })),
    configs: configs?.map(fileText),
    secrets: secrets?.map(fileText),
    deploy: {
      ...(deploy as JsonObject | undefined),
      endpoint_mode: endpointMode(service),
      labels: markedLabels(instance, service, deploy?.labels),
    },
  });
}

/** Targets stay as they are written: templates name other configs and secrets by them. */
const fileText = (file: StackFile): JsonObject =>
  compact({
    source: file.source,
    target: file.target,
    uid: file.uid,
    gid: file.gid,
    mode: file.mode ?? 0o444,
  });
