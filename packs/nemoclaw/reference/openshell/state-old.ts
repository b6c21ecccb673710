// Schema 1: one file, sandboxes by name, the policy's text inside it, one endpoint.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../shared/failure.ts';
import { writeJson } from '../shared/write-beside.ts';
import { emptyModel, inferenceHost, type Model, type Provider } from './model.ts';

export const stateSchema = 1;

type Kept = {
  readonly schema: number;
  readonly sandboxes: Readonly<
    Record<string, { container: string; image: string; policyYaml: string; createdAt: string }>
  >;
  readonly providers: Readonly<Record<string, Omit<Provider, 'name'>>>;
  readonly inference: { readonly endpoint?: string; readonly provider?: string };
};

export function loadState(folder: string): Model {
  const path = join(folder, 'state.json');
  if (!existsSync(path)) return emptyModel;
  const kept = JSON.parse(readFileSync(path, 'utf8')) as Kept;
  if (kept.schema !== stateSchema)
    throw new Failure(1, `state.json has schema ${String(kept.schema)}; this release knows 1`);
  const { endpoint, provider } = kept.inference;
  return {
    ...emptyModel,
    sandboxes: Object.entries(kept.sandboxes).map(([name, { policyYaml, ...rest }]) => ({
      name,
      ...rest,
      policy: { version: 1, text: policyYaml },
    })),
    providers: Object.entries(kept.providers).map(([name, rest]) => ({ name, ...rest })),
    routes:
      endpoint === undefined
        ? []
        : [{ host: inferenceHost, endpoint, ...(provider === undefined ? {} : { provider }) }],
  };
}

export function saveState(folder: string, model: Model): void {
  const [route] = model.routes;
  const { endpoint, provider } = route ?? {};
  const kept: Kept = {
    schema: stateSchema,
    sandboxes: Object.fromEntries(
      model.sandboxes.map(({ name, policy, ...rest }) => [
        name,
        { ...rest, policyYaml: policy.text },
      ]),
    ),
    providers: Object.fromEntries(model.providers.map(({ name, ...rest }) => [name, rest])),
    inference: {
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(provider === undefined ? {} : { provider }),
    },
  };
  writeJson(join(folder, 'state.json'), kept);
}
