// The rows of the acceptance list of coop-cloud about trouble that must not make a run red (FR), and about
// what must neither stay behind nor leak (LK).

import { allPassed, canary, floor, head, ran, shopLife, tests } from './coop-cloud-evidence.ts';
import type { Row } from './coop-cloud-rows.ts';

const onEngine = 'packs/coop-cloud/accept/engine';

const fr: readonly Row[] = [
  {
    id: 'FR-01',
    claim: 'a hook that is due while an update is in flight, or its container is replaced',
    shownBy: [tests('FR-01', onEngine, 'drivers/docker/hooks')],
  },
  {
    id: 'FR-02',
    claim: '`paused` that stays after recovery; an update without any status',
    shownBy: [head('pauses-and-recovers'), head('label-only')],
  },
  {
    id: 'FR-03',
    claim:
      'one-shots, none to run, crashes until others are up, a slow start: passed; one-shots that fail: red',
    shownBy: [
      shopLife,
      head('crashes-five-times'),
      head('starts-slowly'),
      ...canary('fr-03-one-shot-fails', 'worker-without-its-secret'),
    ],
  },
  {
    id: 'FR-04',
    claim: 'a registry that is away, a full disk, an engine that dies: the testbed’s',
    shownBy: [
      tests(
        'FR-04',
        'packs/coop-cloud/accept/testbed',
        'drivers/docker/engine-gone',
        'lifecycle/crash-stacks',
        'lifecycle/signals',
      ),
    ],
  },
  {
    id: 'FR-05',
    claim: 'two runs of one head, of two apps, of two apps on one port',
    shownBy: [tests('FR-05', 'lifecycle/together-stacks')],
  },
  {
    id: 'FR-06',
    claim: 'an upstream that is not ready during the update; files that change during the capture',
    shownBy: [
      head('upstream-comes-late', 'shop'),
      ran(
        ['static', '--head', 'git:fault/writes-all-the-time', '--ops', 'backup'],
        allPassed('floor.backup.covers', 'floor.backup.stable'),
      ),
      tests('FR-06', 'checks/floor'),
    ],
  },
  {
    id: 'FR-07',
    claim: 'a fact of head asserted while base runs; a base that does not come up',
    shownBy: [tests('FR-07', 'lifecycle/run', 'lifecycle/plan-run')],
  },
  {
    id: 'FR-08',
    claim: 'a report that cannot be written changes no verdict',
    shownBy: [tests('FR-08', 'lifecycle/close-bundle', 'lifecycle/recover')],
  },
];

const lk: readonly Row[] = [
  {
    id: 'LK-01',
    claim: 'SIGKILL at every phase: after `recover` nothing is left',
    shownBy: [tests('LK-01', 'lifecycle/crash-stacks')],
  },
  {
    id: 'LK-02',
    claim: 'told to end in every way there is: cleaned, and the exit code says how',
    shownBy: [tests('LK-02', 'lifecycle/signals', 'lifecycle/together-stacks')],
  },
  {
    id: 'LK-03',
    claim:
      'a bug, or SIGKILL, between a deployment and its record, also a dependency’s; tasks that end slowly',
    shownBy: [tests('LK-03', onEngine, 'lifecycle/crash')],
  },
  {
    id: 'LK-04',
    claim:
      'exited tasks and jobs that hold volumes; anonymous volumes; a deployment refused half-way',
    shownBy: [tests('LK-04', onEngine)],
  },
  {
    id: 'LK-05',
    claim: 'a volume of the app’s own making below its prefix; a removal that takes images with it',
    shownBy: [
      ...floor('leftover-file', 'remove-prunes'),
      tests('LK-05', onEngine, 'drivers/swarm/faults'),
    ],
  },
  {
    id: 'LK-06',
    claim: 'a reboot, somebody who recovers beside a live run, two of them at once',
    shownBy: [tests('LK-06', 'lifecycle/together-stacks', 'lifecycle/recover')],
  },
  {
    id: 'LK-07',
    claim: 'a lock file that is replaced, its holder killed',
    shownBy: [tests('LK-07', onEngine, 'drivers/locks')],
  },
  {
    id: 'LK-08',
    claim: 'an undo that hangs runs over its time, is told, and `recover` finishes',
    shownBy: [tests('LK-08', 'packs/coop-cloud/accept/testbed', 'lifecycle/faults')],
  },
  {
    id: 'LK-09',
    claim: 'hostile code of a change, not approved, or approved with other content',
    shownBy: [tests('LK-09', 'trust/hostile-change')],
  },
  {
    id: 'LK-10',
    claim: 'a secret in a log, base64',
    shownBy: canary('lk-10-secret-in-a-log', 'lk-10-generated-secret-in-a-log'),
  },
];

export const survived: readonly Row[] = [...fr, ...lk];
