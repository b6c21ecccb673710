// What is observed of the installer: the machine before and after, and how the installer ended.

import type { JsonObject, PackCollector } from 'seatrial';
import { lookAt, machineHome, programFolders, versionIn } from './machine.ts';
import { pinSaid } from './product-commands.ts';

const of = (machine: string): PackCollector => ({
  before: (context) => lookAt(context, machine),
  after: async (context) => ({ ...(await lookAt(context, machine)), exit: context.action.exit }),
});

/** Several machines that are asked together, after the last of them. */
const ofAll = (...machines: readonly string[]): PackCollector => ({
  after: async (context) => {
    const facts: Record<string, JsonObject> = {};
    for (const machine of machines) facts[machine] = await lookAt(context, machine);
    return { ...facts, exit: context.action.exit };
  },
});

/** One that is replaced: the installer says why. */
const replaced = (machine: string): PackCollector => ({
  before: (context) => lookAt(context, machine),
  after: async (context) => {
    const { exit, stdout, stderr } = context.action;
    return { ...(await lookAt(context, machine)), exit, said: pinSaid(`${stdout}\n${stderr}`) };
  },
});

export const tooNewReplaced = replaced('too-new');
export const tooOldReplaced = replaced('too-old');
export const equalKept = of('equal');
export const missingHelperReinstalled = of('missing-helper');
export const checksumRefused = of('wrong-digest');
export const markersRequired = of('featureless');
export const linuxAssetNames = ofAll('linux-x64', 'linux-arm64');
export const macosAssetNames = ofAll('mac-arm64', 'mac-x64');
export const boundsRefused = ofAll('bounds-garbage', 'bounds-crossed');

/** Whichever of two copies PATH gives. */
export const resolvedPathIsPinned: PackCollector = {
  after: async (context) => {
    const machine = 'two-copies';
    const path = [...programFolders(context, machine), '/usr/bin', '/bin'].join(':');
    const { stdout } = await context.ports.run({
      argv: ['/bin/sh', '-c', 'command -v openshell'],
      env: { PATH: path, HOME: machineHome(context, machine) },
    });
    const told = await context.ports.run({ argv: [stdout.trim(), '--version'] });
    return { resolved: { version: versionIn(told.stdout) }, exit: context.action.exit };
  },
};

/** Cut off by its host at one byte, and killed while it swaps: what was there is there. */
export const interruptedSafe: PackCollector = {
  after: async (context) => {
    const { ports, product } = context;
    const source = await ports.state.read(`${product}/releases/openshell-old/openshell`);
    const [closed, killed] = [await lookAt(context, 'closed'), await lookAt(context, 'killed')];
    return { source: source.sha256 ?? '', closed, killed, exit: context.action.exit };
  },
};
