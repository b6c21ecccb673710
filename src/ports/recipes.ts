// What a release says as a recipe, read without running anything of it. Whoever reads recipes makes it;
// lifecycle plans with it and asks the checks of the recipe about it.

import type { JsonObject } from './json.ts';
import type { PreparedRelease } from './release.ts';

/** A problem in a file of the release, at its place; line and column count from 1. */
export type RecipeFinding = {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
};

export type RecipeView = {
  /** Whether it is a recipe for operators' tools, and not a Compose file alone. */
  readonly recipe: boolean;
  /** Errors for which nothing can be rendered of it; empty exactly when it renders. */
  readonly errors: readonly RecipeFinding[];
  /** What the linter says of a release that renders, beside the base where there is one. */
  readonly lint: readonly RecipeFinding[];
  /** As the label says it. */
  readonly version?: string;
  /** Digest of what would be deployed, without labels that only claim a version. */
  readonly digest?: string;
  /** Seconds that the recipe asks for to come up. */
  readonly timeoutS?: number;
  /** Ports that it publishes under numbers of its own, as `published/protocol`. */
  readonly ports: readonly string[];
  /** Keys of the named volumes that it makes. */
  readonly volumes: readonly string[];
  /** Whether a service asks for a backup. */
  readonly asksForBackup: boolean;
  /** Keys of the volumes that a backup holds whole. */
  readonly wholeVolumes: readonly string[];
};

export type RecipeRequest = {
  readonly stage: 'base' | 'head';
  readonly app: string;
  /** Any instance's name of the length that the run's will have. */
  readonly instance: string;
  readonly env: Readonly<Record<string, string>>;
  readonly settings: JsonObject;
  /** The release that operators run, for what only shows beside it. */
  readonly base?: PreparedRelease;
};

export type RecipeReader = {
  readonly look: (release: PreparedRelease, request: RecipeRequest) => Promise<RecipeView>;
};
