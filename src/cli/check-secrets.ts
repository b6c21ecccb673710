// Values that a manifest takes from outside, looked at before anything happens.

import { secretProblem } from '../evidence/secret-forms.ts';
import type { Manifest } from '../scenario/manifest.ts';
import { UsageError, type Terminal } from './command.ts';

/**
 * Ends the command when a variable is not set, or when its value could not be masked without masking
 * half of every log. `ownText`: what the manifest's owner wrote, where secrets must not occur.
 */
export function checkSecrets(
  { env, upgradeEnv, secrets }: Manifest,
  outside: Terminal['env'],
  ownText: string,
): void {
  for (const [name, value] of Object.entries({ ...env, ...upgradeEnv, ...secrets })) {
    if (typeof value === 'string') continue;
    const variable = value.from.replace(/^env:/, '');
    const found = outside[variable];
    if (found === undefined)
      throw new UsageError(
        `${name} comes from variable ${variable}, which is not set`,
        `set ${variable} in the environment of seatrial`,
      );
    const problem = secretProblem({ name, value: found }, ownText);
    if (problem !== undefined)
      throw new UsageError(
        problem.message,
        'a value that is no secret can stand in the manifest itself',
      );
  }
}
