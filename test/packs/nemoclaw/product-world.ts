// An installed product with its engine, model and home, and what a user would type into it.

import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assembleProduct } from '../../../packs/nemoclaw/reference/assemble-product.ts';
import { startEcho, type EchoEndpoint } from './echo-endpoint.ts';
import {
  makeWorld,
  type Ended,
  type ReferenceWorld,
  type StartOptions,
} from './reference-world.ts';

export type ProductWorld = {
  readonly world: ReferenceWorld;
  readonly product: string;
  readonly endpoint: EchoEndpoint;
  readonly space: string;
  readonly nemoclaw: (args: readonly string[], options?: StartOptions) => Promise<Ended>;
  readonly openshell: (args: readonly string[], options?: StartOptions) => Promise<Ended>;
  /** Runs a command in a sandbox; gives its standard output. */
  readonly inSandbox: (name: string, ...argv: readonly string[]) => Promise<string>;
  readonly readJson: (path: string) => unknown;
  readonly remove: () => Promise<void>;
};

export const secrets = {
  NVIDIA_API_KEY: 'nvapi-planted-0123456789abcdef',
  DISCORD_BOT_TOKEN: 'planted.discord.token.0123456789',
};

export async function makeProductWorld(engine: string): Promise<ProductWorld> {
  const endpoint = await startEcho();
  // As runs name their images, after eight characters that no other run has.
  const space = `st-${randomBytes(4).toString('hex')}`;
  const environment: NodeJS.ProcessEnv = {
    DOCKER_HOST: engine,
    NEMOCLAW_IMAGE_NAMESPACE: space,
    NEMOCLAW_ENDPOINT_URL: endpoint.url,
    ...secrets,
  };
  const world = makeWorld(environment);
  const product = join(world.root, 'product');
  environment['PATH'] = `${product}:${join(product, 'openshell')}:${process.env['PATH'] ?? ''}`;
  await assembleProduct({ release: 'current', into: product, hasMutants: true });
  const openshell = (args: readonly string[], options?: StartOptions): Promise<Ended> =>
    world.run(join(product, 'openshell/openshell'), args, options);
  return {
    world,
    product,
    endpoint,
    space,
    openshell,
    nemoclaw: (args, options) => world.run(join(product, 'nemoclaw'), args, options),
    inSandbox: async (name, ...argv) =>
      (await openshell(['sandbox', 'exec', name, '--', ...argv])).stdout,
    readJson: (path) =>
      JSON.parse(readFileSync(join(world.home, '.nemoclaw', path), 'utf8')) as unknown,
    remove: async () => {
      await openshell(['gateway', 'remove']);
      await removeImages(world, space);
      endpoint.close();
      world.remove();
    },
  };
}

async function removeImages(world: ReferenceWorld, space: string): Promise<void> {
  const format = ['--format', '{{.Repository}}:{{.Tag}}'];
  const { stdout } = await world.run('docker', ['images', ...format, `${space}/*`]);
  const names = stdout.split('\n').filter((each) => each.startsWith(`${space}/`));
  if (names.length > 0) await world.run('docker', ['image', 'rm', ...names]);
}

/** Lets bases with old agents through, as the fixture of the scenarios does. */
export function allowOldAgents({ product }: ProductWorld): void {
  const path = join(product, 'blueprint/blueprint.yaml');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(/(min_\w+_version): .*/g, '$1: 2026.3.1'));
}
