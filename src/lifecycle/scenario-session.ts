// What the steps of one run of a pack's scenario share.

import type { ExpectedCheck } from '../evidence/record.ts';
import type { JsonObject } from '../ports/json.ts';
import type {
  OpenedSubject,
  PackAction,
  PackCollector,
  PackContext,
  PackObserver,
  PackPortsFor,
  PackSubject,
  SubjectIdentity,
} from '../ports/pack.ts';
import type { Canary } from '../scenario/canaries.ts';
import type { Pack } from '../scenario/load-pack.ts';
import type { Scenario } from '../scenario/scenario-schema.ts';
import type { EvidenceSource } from './ask-judged.ts';
import type { FixtureSession, Prepared } from './fixtures.ts';
import type { RunSecrets } from './run-secrets.ts';
import type { ScenarioWorld } from './world.ts';

/** Functions of a pack by the names under which its files know them. */
export type PackModules = {
  readonly action: (name: string) => PackAction;
  readonly observer: (name: string) => PackObserver;
  readonly collector: (at: string) => PackCollector;
};

export type ScenarioRun = {
  readonly pack: Pack;
  readonly scenario: Scenario;
  readonly plan: JsonObject;
  readonly planDigest: string;
  readonly collectors: string;
  readonly expected: readonly ExpectedCheck[];
  readonly modules: PackModules;
  readonly subject: PackSubject;
  readonly subjectName: string;
  readonly identity: SubjectIdentity;
  readonly portsFor: PackPortsFor;
  /** Where subjects keep what they built. */
  readonly cache: string;
  readonly path: string;
  /** Address of the engine that products use. */
  readonly dockerHost: string;
  readonly allowSystem: boolean;
  readonly canary?: Canary;
};

export type ScenarioSession = FixtureSession & {
  readonly world: ScenarioWorld;
  readonly run: ScenarioRun;
  readonly id: string;
  readonly secrets: RunSecrets;
  readonly stop: AbortSignal;
  readonly context: PackContext;
  /** Calls since it was last taken. */
  readonly takeCalls: () => Calls;
  readonly memory: {
    prepared: Prepared[];
    opened?: OpenedSubject;
    held: Set<string>;
    /** Facts that were observed before an operation, by check. */
    readonly before: Map<string, { readonly facts: JsonObject; readonly calls: Calls }>;
    unscanned: string[];
  };
};

export type Calls = {
  readonly sources: readonly EvidenceSource[];
  readonly touched: readonly ExpectedCheck['boundary'][];
};
