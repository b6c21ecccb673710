// What a run is given and what it answers.

import type { Bound, JournalRecord } from '../evidence/record.ts';
import type { RunState } from '../evidence/run-state.ts';
import type { Store } from '../evidence/store.ts';
import type { CommittedFile } from '../ports/git.ts';
import type { JsonObject } from '../ports/json.ts';
import type { PreparedRelease } from '../ports/release.ts';
import type { DependencyPlan, Plan } from '../scenario/plan.ts';
import type { Project } from './close-bundle.ts';
import type { DependencyRequest } from './plan-request.ts';
import type { RecipeViews } from './recipe-views.ts';
import type { LastGreen } from './run-level.ts';

export type PlannedRun = {
  readonly plan: Plan;
  readonly base?: PreparedRelease;
  readonly head: PreparedRelease;
  readonly lastGreen?: LastGreen;
  /** In the order in which they are deployed. */
  readonly dependencies?: readonly PlannedDependency[];
  /** What the releases say as recipes, where the driver deploys such. */
  readonly recipe?: RecipeViews;
  /** The head's own code, where it may run. */
  readonly localFiles?: readonly CommittedFile[];
  /** What its evidence is about, where the manifest is of a pack that plans audit rows. */
  readonly bound?: Bound;
  /** What the plan found worth saying; changes no verdict. */
  readonly notes: readonly { readonly code: string; readonly message: string }[];
};

export type PlannedDependency = Pick<DependencyRequest, 'as' | 'given' | 'folder' | 'settings'> & {
  readonly plan: DependencyPlan;
  readonly head: PreparedRelease;
};

export type RunOptions = {
  /** Its root must be absolute: children work in other folders. */
  readonly store: Store;
  /** Folder of the manifest. */
  readonly folder: string;
  /** The driver's part of the manifest. */
  readonly settings: JsonObject;
  readonly signal: AbortSignal;
  readonly waitMs: number;
  readonly maxLifetimeMs: number;
  readonly job?: string;
  readonly attempt?: number;
  /** Id of the planted fault when this run is a canary's; `form-off:<form>` blinds the redactor. */
  readonly canary?: string;
  readonly project: Project;
  readonly onRecord?: (record: JournalRecord) => void;
  readonly onOutput?: (service: string, bytes: Uint8Array) => void;
  readonly onWait?: (waitedMs: number) => void;
  /** Told why reports could not be made, which changes no verdict; without it, that is thrown. */
  readonly onUnwritten?: (message: string) => void;
};

export type RunResult = {
  readonly run: string;
  /** Folder of the bundle. */
  readonly root: string;
  readonly state: RunState;
};
