// A service as Compose makes it, compared: from the stack and its image, and read back from a container.

import type { JsonObject } from '../../ports/json.ts';
import type { Stack, StackMount, StackService } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import { isAnonymous } from '../docker/anonymous.ts';
import type { ContainerInspect, ImageConfig, MountPoint } from '../docker/facts.ts';
import { imageOf } from '../docker/images.ts';
import type { Instance, Stage } from '../docker/instance.ts';
import { labels as mark, ownLabels } from '../docker/names.ts';
import {
  byTarget,
  engineHealthShape,
  envOfList,
  envShape,
  healthShape,
  mountShape,
  mountsShape,
  networksShape,
  otherDigest,
  passedOn,
  portsShape,
  sha256,
} from '../docker/shape.ts';
import { contentOf, fileTarget } from '../docker/stack-file.ts';
import { collectMember } from '../docker/read-file.ts';
import { filesFolder, restartOf } from './file.ts';

export async function wantedShape(
  instance: Instance,
  stack: Stack,
  { name }: { readonly name: string; readonly stage: Stage },
): Promise<JsonObject> {
  const service = stack.services[name];
  if (service === undefined) throw new WorldError('not-found', `there is no service ${name}`);
  const image = await imageOf(instance.engine, service.image);
  return {
    image: service.image,
    imageId: image.Id,
    ...fromImage(instance, service, image.Config ?? {}),
    ...beside(stack, name, { ...service, volumes: mountsOf(service, image.Config ?? {}) }),
  };
}

/** What the image says where the service does not. An entrypoint of its own leaves the image's command out. */
function fromImage(instance: Instance, service: StackService, config: ImageConfig): JsonObject {
  const { healthcheck } = service;
  return {
    ...programOf(service, config),
    user: service.user ?? config.User ?? '',
    workdir: service.working_dir ?? config.WorkingDir ?? '',
    env: envShape(instance, { ...envOfList(config.Env), ...passedOn(service) }),
    labels: ownLabels({ ...config.Labels, ...service.labels, ...service.deploy?.labels }),
    health:
      healthcheck === undefined ? engineHealthShape(config.Healthcheck) : healthShape(healthcheck),
  };
}

/** With those that the image asks for; both kinds without a source are anonymous. */
function mountsOf({ volumes = [] }: StackService, config: ImageConfig): readonly StackMount[] {
  const given = new Set(volumes.map(({ target }) => target));
  const asked = Object.keys(config.Volumes ?? {}).map((path) => path.replace(/(?<=.)\/+$/, ''));
  return [
    ...volumes,
    ...asked
      .filter((target) => !given.has(target))
      .map((target) => ({ type: 'volume' as const, target })),
  ];
}

function programOf({ entrypoint, command }: StackService, config: ImageConfig): JsonObject {
  const inherited = entrypoint === undefined ? (config.Cmd ?? []) : [];
  return { entrypoint: entrypoint ?? config.Entrypoint ?? [], command: command ?? inherited };
}

function beside(stack: Stack, name: string, service: StackService): JsonObject {
  const { volumes = [], ports = [] } = service;
  return {
    mounts: mountsShape(stack, volumes),
    networks: networksShape(stack, name, service),
    ports: portsShape(
      ports.map(({ target, published = 0, protocol = 'tcp' }) => ({
        ...{ target, published, protocol, mode: 'host' },
      })),
    ),
    ...filesShape(stack, service),
    replicas: service.deploy?.replicas ?? 1,
    restart: restartOf(service),
    init: service.init ?? false,
    readOnly: service.read_only ?? false,
    other: otherDigest(service) ?? null,
  };
}

function filesShape(
  { configs: contents = {} }: Stack,
  { configs = [], secrets = [] }: StackService,
): JsonObject {
  const digests = configs.map((file) => [
    fileTarget('config', file),
    sha256(contentOf(contents[file.source] ?? {}) ?? ''),
  ]);
  return {
    configs: Object.fromEntries(digests) as JsonObject,
    secrets: secrets.map((file) => fileTarget('secret', file)).sort(),
  };
}

export async function seenShape(
  instance: Instance,
  container: ContainerInspect,
  replicas: number,
): Promise<JsonObject> {
  const { Config: config, HostConfig: host } = container;
  const files = container.Mounts.filter(({ Source: source }) => isFile(instance, source));
  return {
    image: config.Image,
    imageId: container.Image,
    entrypoint: config.Entrypoint ?? [],
    command: config.Cmd ?? [],
    user: config.User ?? '',
    workdir: config.WorkingDir ?? '',
    env: envShape(instance, envOfList(config.Env)),
    labels: ownLabels(config.Labels),
    mounts: container.Mounts.filter((each) => !files.includes(each))
      .map((mount) => {
        const { Type: type, Name: name, Source: source, Destination: target, RW: writable } = mount;
        // The name of an anonymous one is random and says nothing.
        const from = isAnonymous(mount) ? undefined : (name ?? source);
        return mountShape({ type, source: from, target, readOnly: writable === false });
      })
      .sort(byTarget),
    networks: networksOf(container),
    ports: portsOf(container),
    configs: await configsOf(instance, container, files),
    secrets: files
      .filter(({ Source: source = '' }) => source.includes('/files/secret-'))
      .map(({ Destination: target }) => target)
      .sort(),
    replicas,
    restart: restartSeen(host.RestartPolicy),
    health: engineHealthShape(config.Healthcheck),
    init: host.Init ?? false,
    readOnly: host.ReadonlyRootfs,
    other: config.Labels?.[mark.other] ?? null,
  };
}

const isFile = (instance: Instance, source: string | undefined): boolean =>
  source?.startsWith(`${filesFolder(instance)}/`) === true;

/** The engine adds the container's own names; the service's stands for all of them. */
function networksOf({ Id: id, Name: name, NetworkSettings, Config }: ContainerInspect): JsonObject {
  const own = new Set([id.slice(0, 12), name.replace(/^\//, ''), Config.Hostname]);
  return Object.fromEntries(
    Object.entries(NetworkSettings.Networks)
      .map(([network, { Aliases: aliases }]): [string, readonly string[]] => [
        network,
        [...new Set((aliases ?? []).filter((alias) => !own.has(alias)))].sort(),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function portsOf({ HostConfig: host }: ContainerInspect): readonly JsonObject[] {
  return portsShape(
    Object.entries(host.PortBindings ?? {}).flatMap(([key, bindings]) => {
      const [target = '0', protocol = 'tcp'] = key.split('/');
      return (bindings ?? []).map(({ HostPort: published }) => ({
        ...{ target: Number(target), published: Number(published), protocol, mode: 'host' },
      }));
    }),
  );
}

const restartSeen = ({
  Name: name,
  MaximumRetryCount: most,
}: ContainerInspect['HostConfig']['RestartPolicy']): string => {
  if (name === '' || name === 'no') return 'no';
  return most > 0 ? `${name}:${String(most)}` : name;
};

/** By what the container itself sees at that path. */
async function configsOf(
  { engine }: Instance,
  { Id: id }: ContainerInspect,
  files: readonly MountPoint[],
): Promise<JsonObject> {
  const all: Record<string, string> = {};
  for (const { Source: source = '', Destination: target } of files)
    if (source.includes('/files/config-'))
      all[target] = sha256((await collectMember(engine, id, target)) ?? '');
  return all;
}
