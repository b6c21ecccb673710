// The floor: generic checks that always run. This table is the built-in register of their ids;
// docs/reference/floor.md is rendered from it. An id is never reused.

import type { Boundary, ExpectedCheck, Skip } from '../evidence/record.ts';
import type { Answer } from './answer.ts';
import type { OperationFacts } from './facts.ts';
import {
  judgeArtifact,
  judgeCovers,
  judgeEmptied,
  judgeFilesBack,
  judgeHooks,
  judgeMarkersBack,
  judgeScope,
} from './floor-backup.ts';
import {
  judgeConverged,
  judgeDone,
  judgeIdentity,
  judgeServing,
  judgeStable,
} from './floor-deploy.ts';
import { judgeGone, judgeImagesKept, judgeNoLeftovers } from './floor-remove.ts';
import {
  judgeApplied,
  judgeBaseDiffers,
  judgeDataKept,
  judgeFresh,
  judgeNoOrphans,
} from './floor-upgrade.ts';

/** http: the app has an HTTP surface; markers: a volume may carry one; restored-markers: a backup holds them; contents: the backup copies files. */
export type Need = 'http' | 'markers' | 'restored-markers' | 'contents';

export type FloorCheck = {
  readonly name: string;
  /** `custom` stands for `custom` and every `custom-<action>`. */
  readonly operations: readonly string[];
  readonly boundary: Boundary;
  /** What a pass proves, and all that it proves. */
  readonly title: string;
  /** Asked after the overlays of the operation instead of before them. */
  readonly last?: true;
  readonly needs?: readonly Need[];
  /** Expected of drivers alone that run images. */
  readonly ofImages?: true;
  readonly judge: (facts: OperationFacts) => Answer;
};

const deploys = ['install', 'upgrade', 'restore', 'rebuild'];

export const floorChecks: readonly FloorCheck[] = [
  {
    name: 'done',
    operations: [...deploys, 'backup', 'custom', 'remove'],
    boundary: 'driver',
    title: 'the operation ended without failure or testbed error',
    judge: judgeDone,
  },
  {
    name: 'converged',
    operations: deploys,
    boundary: 'driver',
    title: 'everything came up and stayed unchanged for the settle time',
    judge: judgeConverged,
  },
  {
    name: 'base-differs',
    operations: ['upgrade'],
    boundary: 'driver',
    title: 'what ran before the upgrade was not already head',
    judge: judgeBaseDiffers,
  },
  {
    name: 'applied',
    operations: ['upgrade'],
    boundary: 'driver',
    title: 'head replaced what ran before; nothing was rolled back',
    judge: judgeApplied,
  },
  {
    name: 'identity',
    operations: deploys,
    boundary: 'driver',
    title: 'what runs equals an independent rendering of the release, by content',
    judge: judgeIdentity,
  },
  {
    name: 'no-orphans',
    operations: ['upgrade'],
    boundary: 'driver',
    title: "the instance's services are exactly head's",
    judge: judgeNoOrphans,
  },
  {
    name: 'fresh',
    operations: ['rebuild'],
    boundary: 'driver',
    title: 'no unit from before the rebuild is still running',
    judge: judgeFresh,
  },
  {
    name: 'data-kept',
    operations: ['upgrade', 'rebuild'],
    boundary: 'state',
    title: 'markers put into each volume before are still there, unchanged',
    needs: ['markers'],
    judge: judgeDataKept,
  },
  {
    name: 'hooks',
    operations: ['backup', 'restore'],
    boundary: 'driver',
    title: 'every hook ran and ended with exit code 0, leaving no process behind',
    judge: judgeHooks,
  },
  {
    name: 'scope',
    operations: ['backup'],
    boundary: 'state',
    title: 'at least one existing volume is selected, and none that base had is lost',
    judge: judgeScope,
  },
  {
    name: 'artifact',
    operations: ['backup'],
    boundary: 'state',
    title: 'a readable artifact was made after the operation began; its digest is recorded',
    judge: judgeArtifact,
  },
  {
    name: 'covers',
    operations: ['backup'],
    boundary: 'state',
    title: 'the artifact holds every stable file in scope with the same digest, and each marker',
    needs: ['contents'],
    judge: judgeCovers,
  },
  {
    name: 'emptied',
    operations: ['restore'],
    boundary: 'state',
    title: 'destroyed volumes were empty before restoring',
    judge: judgeEmptied,
  },
  {
    name: 'files-back',
    operations: ['restore'],
    boundary: 'state',
    title: 'right after writing, every file of the artifact is there: digest, mode, owner',
    needs: ['contents'],
    judge: judgeFilesBack,
  },
  {
    name: 'markers-back',
    operations: ['restore'],
    boundary: 'state',
    title: 'markers have their value at backup time; the later value is nowhere',
    needs: ['markers', 'restored-markers', 'contents'],
    judge: judgeMarkersBack,
  },
  {
    name: 'serving',
    operations: [...deploys, 'backup'],
    boundary: 'http',
    title: 'the app itself answers over HTTP, three good answers in a row',
    needs: ['http'],
    judge: judgeServing,
  },
  {
    name: 'stable',
    operations: [...deploys, 'backup', 'custom'],
    boundary: 'driver',
    title: 'nothing changed while the checks of the operation were asked',
    last: true,
    judge: judgeStable,
  },
  {
    name: 'gone',
    operations: ['remove'],
    boundary: 'driver',
    title: 'nothing of the run still runs or listens',
    judge: judgeGone,
  },
  {
    name: 'no-leftovers',
    operations: ['remove'],
    boundary: 'state',
    title: 'no folder, mount, volume, secret or lease of the run is left',
    judge: judgeNoLeftovers,
  },
  {
    name: 'images-kept',
    operations: ['remove'],
    boundary: 'driver',
    title: 'every image that the run ran is still on the engine',
    ofImages: true,
    judge: judgeImagesKept,
  },
];

/** `custom-migrate` is asked what `custom` is asked. */
const kindOf = (operation: string): string =>
  operation.startsWith('custom-') ? 'custom' : operation;

export const floorOf = (operation: string): readonly FloorCheck[] =>
  floorChecks.filter(({ operations }) => operations.includes(kindOf(operation)));

/** Why a check of the floor is not asked, or undefined when it is. */
export type FloorSkips = {
  readonly operation: Readonly<Record<string, Skip>>;
  readonly needs: Readonly<Partial<Record<Need, Skip>>>;
  /** Whether the driver runs images. */
  readonly images: boolean;
};

/** The floor's part of the expected set, in the order it is asked. */
export function expectedFloor(operation: string, skips: FloorSkips): readonly ExpectedCheck[] {
  const asked = floorOf(operation).filter(({ ofImages }) => ofImages !== true || skips.images);
  return asked.map(({ name, boundary, title, needs }) => {
    const unmet = needs?.find((need) => skips.needs[need] !== undefined);
    const skip = skips.operation[operation] ?? (unmet && skips.needs[unmet]);
    return {
      id: `floor.${operation}.${name}`,
      after: operation,
      boundary,
      source: 'floor' as const,
      title,
      ...(skip === undefined ? {} : { skip }),
    };
  });
}

/** Checks of the whole run, always expected. */
export const runChecks: readonly { id: string; boundary: Boundary; title: string }[] = [
  {
    id: 'run.deployment.once',
    boundary: 'driver',
    title:
      'exactly one deployment was made, beside one of each dependency, and it stayed the same one',
  },
  {
    id: 'run.expected.kept',
    boundary: 'state',
    title: 'every check that the last green run asked is still asked',
  },
  {
    id: 'run.secrets.absent',
    boundary: 'state',
    title: 'no secret of the run, plain or encoded, is in anything it kept or the app printed',
  },
  {
    id: 'run.secrets.redactor-alive',
    boundary: 'state',
    title: 'the redactor masks one probe of every form',
  },
];
