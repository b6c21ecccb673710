// What a real driver of containers can be made to do wrong, so that a pack can show on a real engine that
// the floor notices. Runs with a planted fault carry its name and are never evidence.

import { WorldError } from '../../ports/world-error.ts';

export const driverFaults = {
  'install-other-release': 'install deploys something else than it was asked for',
  'upgrade-other-release': 'upgrade deploys something else than head',
  'upgrade-does-nothing': 'upgrade changes nothing and reports success',
  'upgrade-keeps-orphans': 'services that head lacks stay',
  'upgrade-installs-anew': 'upgrade removes every service and makes it anew',
  'capture-omits-volume': 'the first volume is not in the artifact',
  'artifact-of-yesterday': 'an older artifact is returned',
  'destroy-does-nothing': 'volumes keep what they hold',
  'restore-does-nothing': 'the app comes up on empty volumes',
  'restores-later-state': 'what was written after the backup comes back',
  'dependency-stays-down': 'what is deployed beside the app ends as soon as it begins',
  'rebuild-does-nothing': 'rebuild leaves every container as it is',
} as const;

export type DriverFault = keyof typeof driverFaults;

/** Throws `refused` for a name that is none. */
export function readDriverFaults(names: readonly string[]): ReadonlySet<DriverFault> {
  const unknown = names.find((name) => !(name in driverFaults));
  if (unknown !== undefined)
    throw new WorldError('refused', `drivers have no fault ${JSON.stringify(unknown)}`, {
      hint: `known: ${Object.keys(driverFaults).join(', ')}`,
    });
  return new Set(names as readonly DriverFault[]);
}
