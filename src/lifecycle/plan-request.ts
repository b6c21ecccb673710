import type { Store } from '../evidence/store.ts';
import type { JsonObject } from '../ports/json.ts';
import type { RecipeReader } from '../ports/recipes.ts';
import type { ReleaseSources } from '../ports/release.ts';
import type { Grant } from '../trust/allowlist.ts';
import type { Manifest } from '../scenario/manifest.ts';
import type { OperationName, OverlayFile } from '../scenario/plan.ts';
import type { RunScenario } from '../scenario/scenarios.ts';

export type PlanRequest = {
  readonly manifest: Manifest;
  /** Folder of the manifest, absolute. */
  readonly folder: string;
  readonly settings: JsonObject;
  readonly store: Store;
  readonly scenario: RunScenario;
  readonly overlays: readonly OverlayFile[];
  /** In the order in which they are deployed. */
  readonly dependencies?: readonly DependencyRequest[];
  /** Lines of the allowlist; without one, code that comes with a release is denied. */
  readonly grants?: ReadonlyMap<string, Grant>;
  readonly head?: string;
  readonly base?: string;
  /** Operations asked for alone, and what they need. */
  readonly selection?: readonly OperationName[];
  /** The floor was lowered for this run alone: it is never evidence of more than itself. */
  readonly lowered?: boolean;
  /** Whether the last release that passed here is preferred as base. */
  readonly lastGreen: boolean;
  readonly acceptShrunk?: string;
  readonly canary?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
};

/** An app to be deployed beside the app. */
export type DependencyRequest = {
  /** Name of its facts. */
  readonly as: string;
  /** Its own, with the environment that the app's manifest gives it. */
  readonly manifest: Manifest;
  /** Names of what that is. */
  readonly given: readonly string[];
  /** Of its manifest, absolute. */
  readonly folder: string;
  readonly settings: JsonObject;
  readonly releases: ReleaseSources;
  readonly recipes?: RecipeReader;
};
