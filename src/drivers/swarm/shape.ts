// A service as Swarm runs it, compared: from the stack, and read back from the engine.

import type { Json, JsonObject } from '../../ports/json.ts';
import type {
  Stack,
  StackConfig,
  StackDeploy,
  StackService,
  StackUpdate,
} from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import { durationMs, nanosMs } from '../docker/duration.ts';
import type {
  FileReference,
  ServiceFacts,
  ServiceMode,
  TaskTemplate,
  UpdateSpec,
} from '../docker/facts.ts';
import { familiarReference, unpinned } from '../docker/image-reference.ts';
import { findImage } from '../docker/images.ts';
import type { Instance, Stage } from '../docker/instance.ts';
import { labels as mark, nameIn, ownLabels } from '../docker/names.ts';
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
  type Owned,
  passedOn,
  portsShape,
  sha256,
} from '../docker/shape.ts';
import { contentOf, fileTarget } from '../docker/stack-file.ts';
import { endpointMode, portMode } from './file.ts';

export async function wantedShape(
  instance: Pick<Instance, 'context' | 'engine'>,
  stack: Stack,
  { name }: { readonly name: string; readonly stage: Stage },
): Promise<JsonObject> {
  const service = stack.services[name];
  if (service === undefined) throw new WorldError('not-found', `there is no service ${name}`);
  const image = await findImage(instance.engine, service.image);
  return {
    image: familiarReference(service.image),
    imageIds: service.deploy?.replicas === 0 ? [] : [image?.Id ?? 'not here'],
    staleTasks: [],
    ...container(instance, service),
    ...placed(stack, name, service),
    ...policies(service),
  };
}

function container(instance: Owned, service: StackService): JsonObject {
  const { entrypoint = [], command = [], user = '', hostname = '', init = false } = service;
  return {
    ...{ entrypoint, command, user, hostname, init },
    workdir: service.working_dir ?? '',
    readOnly: service.read_only ?? false,
    env: envShape(instance, passedOn(service)),
    containerLabels: ownLabels(service.labels),
    health: healthShape(service.healthcheck),
    stopGraceMs: givenMs(service.stop_grace_period),
  };
}

/** Stands for the content of a config that no release holds. */
export const madeByHook = 'made by hook prepare';

const digestOf = (config: StackConfig): string => {
  const content = contentOf(config);
  return content === undefined ? madeByHook : sha256(content);
};

function placed(stack: Stack, name: string, service: StackService): JsonObject {
  const { volumes = [], ports = [], configs = [], secrets = [] } = service;
  return {
    mounts: mountsShape(stack, volumes),
    networks: networksShape(stack, name, service),
    endpoint: endpointMode(service),
    ports: portsShape(
      ports.map((port) => ({
        ...{ target: port.target, published: port.published ?? 0 },
        ...{ protocol: port.protocol ?? 'tcp', mode: portMode(port) },
      })),
    ),
    configs: Object.fromEntries(
      configs.map((file) => [
        fileTarget('config', file),
        digestOf(stack.configs?.[file.source] ?? {}),
      ]),
    ),
    secrets: Object.fromEntries(
      secrets.map((file) => [fileTarget('secret', file), nameIn(stack, 'secret', file.source)]),
    ),
  };
}

function policies(service: StackService): JsonObject {
  const deploy: StackDeploy = service.deploy ?? {};
  const { mode = 'replicated', replicas = 1 } = deploy;
  return {
    labels: ownLabels(deploy.labels),
    mode,
    replicas: mode.startsWith('global') ? null : replicas,
    update: updateShape(deploy.update_config),
    rollback: updateShape(deploy.rollback_config),
    restart: restartShape(deploy.restart_policy ?? {}),
    other: otherDigest(service) ?? null,
  };
}

const restartShape = (restart: NonNullable<StackDeploy['restart_policy']>): Json => ({
  condition: restart.condition ?? 'any',
  delayMs: givenMs(restart.delay),
  attempts: restart.max_attempts ?? 0,
  windowMs: givenMs(restart.window),
});

/** As the engine tells it, where 0 is its word for "not given". */
const givenMs = (text: string | undefined): number | null => {
  const ms = durationMs(text) ?? 0;
  return ms === 0 ? null : ms;
};

const updateShape = (update: StackUpdate | undefined): Json =>
  update === undefined
    ? null
    : {
        parallelism: update.parallelism ?? 1,
        delayMs: givenMs(update.delay),
        failureAction: update.failure_action ?? 'pause',
        monitorMs: givenMs(update.monitor),
        // The engine keeps a number of half the precision.
        maxFailureRatio: Math.fround(update.max_failure_ratio ?? 0),
        order: update.order ?? 'stop-first',
      };

const seenUpdate = (update: UpdateSpec | undefined): Json =>
  update === undefined
    ? null
    : {
        parallelism: update.Parallelism ?? 1,
        delayMs: nanosMs(update.Delay) ?? null,
        failureAction: or(update.FailureAction, 'pause'),
        monitorMs: nanosMs(update.Monitor) ?? null,
        maxFailureRatio: Math.fround(update.MaxFailureRatio ?? 0),
        order: or(update.Order, 'stop-first'),
      };

/** The engine writes nothing where nothing was given. */
const or = (text: string | undefined, otherwise: string): string =>
  text === undefined || text === '' ? otherwise : text;

export type SeenParts = {
  /** Names of networks by id. */
  readonly networks: ReadonlyMap<string, string>;
  /** Digest of each config's content by id. */
  readonly configs: ReadonlyMap<string, string>;
  /** Reference of its image as the release writes it. */
  readonly written: string;
  readonly imageIds: readonly string[];
  readonly staleTasks: readonly string[];
};

export function seenShape(instance: Owned, service: ServiceFacts, parts: SeenParts): JsonObject {
  const { Spec: spec } = service;
  return {
    image: unpinned(familiarReference(spec.TaskTemplate.ContainerSpec.Image), parts.written),
    imageIds: parts.imageIds,
    staleTasks: parts.staleTasks,
    ...seenContainer(instance, spec.TaskTemplate),
    ...seenPlaced(service, parts),
    labels: ownLabels(spec.Labels),
    ...seenMode(spec.Mode),
    update: seenUpdate(spec.UpdateConfig),
    rollback: seenUpdate(spec.RollbackConfig),
    restart: seenRestart(spec.TaskTemplate),
    other: spec.Labels?.[mark.other] ?? null,
  };
}

function seenContainer(instance: Owned, { ContainerSpec: own }: TaskTemplate): JsonObject {
  return {
    entrypoint: own.Command ?? [],
    command: own.Args ?? [],
    ...{ user: own.User ?? '', hostname: own.Hostname ?? '', workdir: own.Dir ?? '' },
    ...{ init: own.Init ?? false, readOnly: own.ReadOnly ?? false },
    env: envShape(instance, envOfList(own.Env)),
    containerLabels: ownLabels(own.Labels),
    health: engineHealthShape(own.Healthcheck),
    stopGraceMs: nanosMs(own.StopGracePeriod) ?? null,
  };
}

function seenPlaced({ Spec: spec }: ServiceFacts, parts: SeenParts): JsonObject {
  const { ContainerSpec: own, Networks: networks = [] } = spec.TaskTemplate;
  return {
    mounts: (own.Mounts ?? [])
      .map(({ Type: type, Source: source, Target: target, ReadOnly: readOnly = false }) =>
        mountShape({ type, source, target, readOnly }),
      )
      .sort(byTarget),
    networks: Object.fromEntries(
      networks
        .map(({ Target: id, Aliases: aliases }): [string, readonly string[]] => [
          parts.networks.get(id) ?? id,
          [...new Set(aliases ?? [])].sort(),
        ])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    endpoint: spec.EndpointSpec?.Mode ?? 'vip',
    ports: portsShape((spec.EndpointSpec?.Ports ?? []).map(portOf)),
    configs: filesOf(
      'config',
      own.Configs,
      ({ ConfigID: id = '' }) => parts.configs.get(id) ?? 'gone',
    ),
    secrets: filesOf('secret', own.Secrets, ({ SecretName: name = '' }) => name),
  };
}

const portOf = (port: {
  readonly TargetPort: number;
  readonly PublishedPort?: number;
  readonly Protocol?: string;
  readonly PublishMode?: string;
}) => ({
  target: port.TargetPort,
  published: port.PublishedPort ?? 0,
  protocol: port.Protocol ?? 'tcp',
  mode: port.PublishMode ?? 'ingress',
});

const filesOf = (
  kind: 'config' | 'secret',
  files: readonly FileReference[] | null | undefined,
  value: (file: FileReference) => string,
): JsonObject =>
  Object.fromEntries(
    (files ?? []).map((file) => [fileTarget(kind, { source: file.File?.Name ?? '' }), value(file)]),
  );

function seenMode(mode: ServiceMode): JsonObject {
  if (mode.Replicated !== undefined)
    return { mode: 'replicated', replicas: mode.Replicated.Replicas ?? 1 };
  if (mode.ReplicatedJob !== undefined)
    return { mode: 'replicated-job', replicas: mode.ReplicatedJob.TotalCompletions ?? 1 };
  return { mode: mode.GlobalJob === undefined ? 'global' : 'global-job', replicas: null };
}

const seenRestart = ({ RestartPolicy: restart = {} }: TaskTemplate): Json => ({
  condition: or(restart.Condition, 'any'),
  delayMs: nanosMs(restart.Delay) ?? null,
  attempts: restart.MaxAttempts ?? 0,
  windowMs: nanosMs(restart.Window) ?? null,
});
