// A stack as Docker Compose deploys it. Configs and secrets are files of the run's work folder: their
// names hold a digest of the content, so that a changed one gives a changed mount and a new container.

import { join } from 'node:path';

import type { JsonObject } from '../../ports/json.ts';
import type { Stack, StackService } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import type { Instance } from '../docker/instance.ts';
import { secretValues } from '../docker/secret-values.ts';
import { compact, sha256 } from '../docker/shape.ts';
import {
  commonService,
  contentOf,
  fileTarget,
  markedLabels,
  stackFile,
} from '../docker/stack-file.ts';

export const filesFolder = ({ context }: Pick<Instance, 'context'>): string =>
  join(context.work, 'files');

/** Swarm fills templates in for each task; nobody does so here, and an app would read the template itself. */
export function assertFilled({ configs = {} }: Pick<Stack, 'configs'>): void {
  for (const [key, config] of Object.entries(configs)) {
    const content = contentOf(config);
    if (content === undefined)
      throw new WorldError('unavailable', `config ${key} is one of a Swarm, made by a hook`, {
        hint: 'Take driver swarm for this recipe.',
      });
    if (config.template_driver !== undefined && Buffer.from(content).includes('{{'))
      throw new WorldError(
        'unavailable',
        `config ${key} is a template, which Compose does not fill in`,
        {
          hint: 'Take driver swarm for this recipe.',
        },
      );
  }
}

/** Writes the files and gives the text for `docker compose --file -`. */
export async function composeFile(instance: Instance, stack: Stack): Promise<string> {
  assertFilled(stack);
  const { files } = instance.options;
  const folder = filesFolder(instance);
  await files.makeDirectory(folder, 0o700);
  const write = async (
    kind: string,
    contents: readonly (readonly [string, Uint8Array | string])[],
  ) => {
    const all: Record<string, JsonObject> = {};
    for (const [key, content] of contents) {
      const file = join(folder, `${kind}-${key}-${sha256(content).slice(0, 12)}`);
      // Read by whatever user the container runs as; the folder above is closed to others.
      await files.replace(file, content, 0o444);
      all[key] = { file };
    }
    return all;
  };
  const contents = Object.entries(stack.configs ?? {}).map(
    ([key, config]) => [key, contentOf(config) ?? ''] as const,
  );
  return stackFile(instance, stack, {
    service: (_name, service) => composeService(instance, service),
    configs: await write('config', contents),
    secrets: await write('secret', Object.entries(secretValues(instance, stack))),
  });
}

/** The policy of `deploy` counts before the service's own word; 0 attempts are no limit. */
export function restartOf({ restart = 'no', deploy }: StackService): string {
  const policy = deploy?.restart_policy;
  if (policy === undefined) return restart;
  const { condition = 'any', max_attempts: attempts = 0 } = policy;
  if (condition === 'none') return 'no';
  return condition === 'any' ? 'always' : `on-failure${attempts > 0 ? `:${String(attempts)}` : ''}`;
}

function composeService(instance: Instance, service: StackService): JsonObject {
  const { configs, secrets, ports, deploy } = service;
  const own = { ...service.labels, ...deploy?.labels };
  return compact({
    ...commonService(service),
    labels: markedLabels(instance, service, own),
    restart: restartOf(service),
    ports: ports?.map(({ target, published, protocol = 'tcp' }) => ({
      ...{ target, protocol, mode: 'ingress' },
      ...(published === undefined || published === 0 ? {} : { published: String(published) }),
    })),
    // Mounted as files: owner and mode are those of the file.
    configs: configs?.map((file) => ({ source: file.source, target: fileTarget('config', file) })),
    secrets: secrets?.map((file) => ({ source: file.source, target: fileTarget('secret', file) })),
    deploy:
      deploy?.replicas === undefined && deploy?.resources === undefined
        ? undefined
        : compact({ replicas: deploy.replicas, resources: deploy.resources }),
  });
}
