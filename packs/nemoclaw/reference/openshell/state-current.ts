// Schema 2: sandboxes in a list, each policy in a file of its own with version and hash, routes.

import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { writeBeside, writeJson } from '../shared/write-beside.ts';
import { migrateState } from './migrate.ts';
import { emptyModel, type Model, type Provider, type Route } from './model.ts';
import { policyHash } from './policy.ts';

export const stateSchema = 2;

export type KeptSandbox = {
  readonly name: string;
  readonly containerId: string;
  readonly imageId: string;
  readonly createdAt: string;
  readonly policy: { readonly version: number; readonly hash: string; readonly file: string };
};

type Kept = {
  readonly schema: number;
  readonly generation: number;
  readonly sandboxes: readonly KeptSandbox[];
  readonly providers: readonly Provider[];
  readonly routes: readonly Route[];
  readonly migratedFrom?: number;
};

/** Migrates first when the file is of schema 1. Throws exit 1 for a schema nobody knows. */
export function loadState(folder: string): Model {
  const path = join(folder, 'state.json');
  if (!existsSync(path)) return emptyModel;
  const read = (): Kept => JSON.parse(readFileSync(path, 'utf8')) as Kept;
  if (read().schema === 1) {
    const migrated = migrateState(folder);
    saveState(folder, migrated);
    if (mutant('gwup.keep-schema')) {
      copyFileSync(`${path}.v1.bak`, path);
      return migrated;
    }
  }
  const { schema, sandboxes, ...rest } = read();
  if (schema !== stateSchema)
    throw new Failure(1, `state.json has schema ${String(schema)}; this release knows 1 and 2`);
  return {
    ...rest,
    sandboxes: sandboxes.map(({ name, containerId, imageId, createdAt, policy }) => ({
      name,
      container: containerId,
      image: imageId,
      createdAt,
      policy: { version: policy.version, text: readFileSync(join(folder, policy.file), 'utf8') },
    })),
  };
}

export function saveState(folder: string, model: Model): void {
  mkdirSync(join(folder, 'policies'), { recursive: true, mode: 0o700 });
  const sandboxes = model.sandboxes.map(({ name, container, image, createdAt, policy }) => {
    const file = `policies/${name}.yaml`;
    writeBeside(join(folder, file), policy.text);
    const { version, text } = policy;
    const kept: KeptSandbox = {
      name,
      containerId: container,
      imageId: image,
      createdAt,
      policy: { version, hash: policyHash(text), file },
    };
    return kept;
  });
  const { providers, routes, migratedFrom } = model;
  const kept: Kept = {
    schema: stateSchema,
    generation: model.generation + 1,
    sandboxes,
    providers,
    routes,
    ...(migratedFrom === undefined ? {} : { migratedFrom }),
  };
  writeJson(join(folder, 'state.json'), kept);
  removeStale(folder, new Set(model.sandboxes.map(({ name }) => `${name}.yaml`)));
}

/** After the file that names them no longer does. */
function removeStale(folder: string, named: ReadonlySet<string>): void {
  for (const name of readdirSync(join(folder, 'policies')))
    if (!named.has(name)) rmSync(join(folder, 'policies', name));
}
