// The app's environment: the manifest's values, those it takes from outside, and planted secrets.

import { WorldError } from '../ports/world-error.ts';
import type { EnvValue, Manifest } from '../scenario/manifest.ts';
import type { RunSecrets } from './run-secrets.ts';
import type { World } from './world.ts';

export type AppEnvironment = {
  readonly env: Record<string, string>;
  readonly upgradeEnv: Record<string, string>;
};

/**
 * Values that come from outside are registered for redaction before anything else sees them.
 * Throws `not-found` for a variable that is not set.
 */
export function resolveEnvironment(
  world: Pick<World, 'environment'>,
  manifest: Manifest,
  secrets: RunSecrets,
): AppEnvironment {
  const resolve = (values: Readonly<Record<string, EnvValue>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        if (typeof value === 'string') return [name, value];
        const found = fromOutside(world, name, value.from);
        secrets.redactor.add({ name, value: found });
        return [name, found];
      }),
    );
  return {
    env: {
      ...resolve(manifest.env),
      ...resolve(manifest.secrets),
      ...Object.fromEntries(secrets.planted.map(({ name, value }) => [name, value])),
    },
    upgradeEnv: resolve(manifest.upgradeEnv),
  };
}

function fromOutside(world: Pick<World, 'environment'>, name: string, from: string): string {
  const variable = from.replace(/^env:/, '');
  const value = world.environment(variable);
  if (value === undefined)
    throw new WorldError('not-found', `${name} comes from variable ${variable}, which is not set`, {
      hint: `set ${variable} in the environment of seatrial run`,
    });
  return value;
}
