// What the fake driver can do wrong. Each floor check has at least one fault that must turn it red,
// so that a check which cannot fail is found by running the fault through it.

import { WorldError } from '../../ports/world-error.ts';

/** Fault → what it does. The comment of each group names the floor check that must notice. */
export const fakeFaults = {
  // floor.<op>.done
  'install-fails': 'install is refused half-way, after the first resources were made',
  'upgrade-fails': 'upgrade is refused, the base goes on running',
  'rebuild-fails': 'rebuild ends after the units were removed',
  'backup-fails': 'backup ends with a failure of the app',
  'restore-fails': 'restore ends with a failure of the app, the app stays down',
  // floor.<op>.converged
  'crash-after-install': 'the unit ends with code 3 right after install',
  'crash-after-upgrade': 'the unit ends with code 3 right after upgrade',
  'crash-after-restore': 'the unit ends with code 3 right after restore',
  'crash-after-rebuild': 'the unit ends with code 3 right after rebuild',
  'never-ready': 'the app runs and never becomes ready',
  // floor.<op>.identity
  'install-other-release': 'install deploys content that nobody asked for',
  'old-release-stays': 'upgrade does nothing and reports success',
  'restore-other-release': 'restore starts content that nobody asked for',
  'rebuild-other-release': 'rebuild starts content that nobody asked for',
  // floor.<op>.serving
  'empty-200': 'every answer is 200 without a body',
  'wrong-status': 'every answer is 500',
  'no-answer': 'the app runs and does not answer',
  'proxy-answer': 'the app and every other host give the same answer',
  'mute-after-upgrade': 'from the upgrade on every answer is 200 without a body',
  'mute-after-backup': 'from the backup on every answer is 200 without a body',
  'mute-after-restore': 'from the restore on every answer is 200 without a body',
  'mute-after-rebuild': 'from the rebuild on every answer is 200 without a body',
  // floor.<op>.stable
  'drifts-after-checks': 'a request or command of a check restarts the unit',
  'drifts-after-upgrade': 'from the upgrade on a request of a check restarts the unit',
  'drifts-after-backup': 'from the backup on a request of a check restarts the unit',
  'drifts-after-restore': 'from the restore on a request of a check restarts the unit',
  'drifts-after-rebuild': 'from the rebuild on a request of a check restarts the unit',
  // floor.custom.done, which does nothing but look
  'lost-after-checks': 'the deployment cannot be observed more than twice',
  // floor.upgrade.*
  'base-is-head': 'the base is made from the tree of the head: all releases have one content',
  'rolled-back': 'upgrade is accepted and then rolled back to the base',
  'orphan-service': 'a service that the head lacks stays after upgrade',
  // floor.{upgrade,rebuild}.data-kept
  'upgrade-loses-data': 'upgrade empties every volume',
  'rebuild-loses-data': 'rebuild empties every volume',
  // floor.{backup,restore}.hooks
  'backup-hook-fails': 'the hook before the capture ends with code 1, the capture goes on',
  'restore-hook-fails': 'the hook after the restore ends with code 1',
  // floor.backup.*
  'backup-empty-scope': 'the capture knows no volume',
  'stale-artifact': 'an artifact of the day before is returned',
  'artifact-unreadable': 'the artifact has another content than its digest says',
  'backup-misses-file': 'one file of each volume is not captured',
  'backup-misses-volume': 'one volume is not captured',
  // floor.restore.*
  'destroy-does-nothing': 'destroy leaves the volumes as they are',
  'restore-does-nothing': 'restore starts the app on empty volumes',
  'restore-misses-file': 'one file of the artifact is not written back',
  'restore-changes-mode': 'files are written back with another mode',
  'restores-mutated': 'restore brings back the state right before destroy, not the artifact',
  // floor.rebuild.fresh
  'rebuild-keeps-units': 'rebuild restarts nothing',
  // floor.remove.*
  'leftover-process': 'remove leaves a process behind',
  'leftover-file': 'remove leaves a work folder behind',
  'leftover-volume': 'remove leaves a volume behind',
  'remove-prunes': 'remove takes every image with it',
  'remove-fails': 'remove reports a failure for each service and leaves it',
  'remove-forced': 'remove succeeds, by force only',
  // run.*
  'second-install': 'upgrade installs a second time instead of in place',
  'secret-in-log': 'the app logs its secrets',
} as const;

/** Calls of the port that can be made to throw or to hang. */
const fakeCalls = [
  'capabilities',
  'open',
  'render',
  'install',
  'upgrade',
  'rebuild',
  'settled',
  'observe',
  'logs',
  'exec',
  'volumes',
  'backup',
  'destroy',
  'restore',
  'remove',
  'find',
] as const;

export type FakeCall = (typeof fakeCalls)[number];
export type FakeFault = keyof typeof fakeFaults | `world-error:${FakeCall}` | `hang:${FakeCall}`;

/** Every fault there is, for tables of canaries. */
export const everyFakeFault: readonly FakeFault[] = [
  ...(Object.keys(fakeFaults) as (keyof typeof fakeFaults)[]),
  ...fakeCalls.flatMap((call) => [`world-error:${call}`, `hang:${call}`] as const),
];

export type Faults = {
  readonly has: (fault: keyof typeof fakeFaults) => boolean;
  /** The start of each call: throws or hangs where that is planted, and when the signal is aborted. */
  readonly enter: (call: FakeCall, signal?: AbortSignal) => Promise<void>;
};

export function makeFaults(planted: readonly FakeFault[]): Faults {
  const set = new Set<FakeFault>(planted);
  return {
    has: (fault) => set.has(fault),
    enter: async (call, signal) => {
      if (set.has(`world-error:${call}`))
        throw new WorldError('unavailable', `planted: ${call} of the fake driver is unavailable`);
      if (set.has(`hang:${call}`)) await untilAborted(signal);
      if (signal?.aborted === true) throw cancelled(call);
    },
  };
}

/** Without a signal this never ends: the caller's own budget has to. */
function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    signal?.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}

const cancelled = (call: string): WorldError =>
  new WorldError('cancelled', `${call} was cancelled`);
