// What an audit knows of a pack: its own files, and of scenarios, register and canaries what rows
// are judged by.

import type { Expectation } from '../evidence/expectation.ts';
import type { AskedRun, Boundary } from '../evidence/record.ts';
import type { PackRule } from './rules-file.ts';
import type { Amendment, InventoryEntry, Row } from './queue-schema.ts';

export type PlannedFixture = {
  readonly id: string;
  readonly kind: string;
  readonly role?: string;
  /** Whether it changes something that must be put back. */
  readonly mutates: boolean;
};

/** What a run by a manifest must show beside checks that pass: a failure, or that there was nothing to ask. */
export type PlannedOutcome = {
  readonly check: string;
  readonly verdict: 'failed' | 'skipped';
  /** Of a skip: because the app has no such thing, or because its owner said so. */
  readonly left: 'structural' | 'declared';
  /** Part of the check's message. */
  readonly says: string;
};

/** Of a planned run by a manifest: what is to be asked for, and what must come of it. */
export type PlannedApplication = {
  readonly asked: AskedRun;
  readonly life: string;
  readonly collectors: string;
  /** Release that it must have started from. */
  readonly from?: string;
  readonly outcomes: readonly PlannedOutcome[];
};

/** A scenario of the pack, or the life of one of its manifests. */
export type PlannedScenario = {
  readonly id: string;
  /** Relative to the pack. */
  readonly file: string;
  readonly application?: PlannedApplication;
  readonly rows: ReadonlySet<string>;
  /** Digest over scenario, manifest, contract, fixtures, register entries and canaries, as they are now. */
  readonly plan: string;
  readonly subjects: readonly string[];
  readonly manifest?: string;
  readonly contract?: string;
  readonly fixtures: readonly PlannedFixture[];
  readonly actions: readonly { readonly id: string; readonly mustFail: boolean }[];
  readonly checks: readonly {
    readonly id: string;
    readonly after: string;
    readonly boundary: Boundary;
    readonly rows: ReadonlySet<string>;
  }[];
  /** Of a sad path: what must fail, and the check that judges it. */
  readonly expectedFailure?: {
    readonly action: string;
    readonly check: string;
    /** Asked before those of the register. */
    readonly expect: readonly Expectation[];
  };
};

export type RegisteredCheck = {
  readonly id: string;
  readonly boundary: Boundary;
  readonly evidence: readonly string[];
  readonly generic: boolean;
  readonly revision: number;
  readonly collector: string;
  readonly expect: readonly Expectation[];
  /** Absent: a function of the pack collects facts, which are judged by `expect`. */
  readonly by?: 'harness' | 'overlay';
};

/** A run that is planned and that nobody can make yet. */
export type WaitingRun = { readonly reason: string; readonly checks: ReadonlySet<string> };

export type PlannedCanary = {
  /** Names under which runs say that they have it. */
  readonly ids: readonly string[];
  readonly kills: readonly string[];
  readonly spares: readonly string[];
};

/** A file that cannot be used: the rules that it breaks are a gate's finding, its rows stay open. */
export type BrokenFile = {
  readonly file: string;
  readonly kind: 'scenario' | 'manifest' | 'contract' | 'register' | 'canaries';
  /** Id that it would have, as far as it can be read. */
  readonly id?: string;
  readonly problems: readonly {
    readonly code: string;
    readonly line: number;
    readonly message: string;
  }[];
};

/** What a module of the pack says of itself by its syntax. */
export type ModuleFacts = {
  readonly file: string;
  readonly exports: readonly string[];
  /** Exported functions whose whole body is a throw. */
  readonly throwOnly: readonly string[];
  /** Marks of tests that are not run: `pending`, `todo`, `skip`, `only`. */
  readonly marks: readonly { readonly name: string; readonly line: number }[];
  readonly problem?: string;
};

export type FoundSecret = { readonly file: string; readonly line: number; readonly what: string };

export type AuditPack = {
  readonly id: string;
  readonly phases: readonly number[];
  readonly subjects: readonly string[];
  readonly rows: readonly Row[];
  readonly inventory: readonly InventoryEntry[];
  readonly amendments: readonly Amendment[];
  /** Gates of its own. */
  readonly rules: readonly PackRule[];
  readonly scenarios: ReadonlyMap<string, PlannedScenario>;
  readonly waiting: ReadonlyMap<string, WaitingRun>;
  /** What evidence of its applications must be about, by the files that are there now. */
  readonly reference?: string;
  readonly register: ReadonlyMap<string, RegisteredCheck>;
  readonly removed: ReadonlySet<string>;
  readonly canaries: readonly PlannedCanary[];
  readonly broken: readonly BrokenFile[];
  /** Ids whose check is another than the one that was released under the same revision. */
  readonly idChanges: readonly { readonly id: string; readonly message: string }[];
  readonly modules: ReadonlyMap<string, ModuleFacts>;
  /** Digest over the modules loaded for checks and actions; absent when it cannot be told. */
  readonly collectors?: string;
  readonly secrets: readonly FoundSecret[];
  /** Hex SHA-256 of every file of the pack, for the rule that no input is evidence. */
  readonly fileDigests: ReadonlySet<string>;
};

/** Of the app, where a manifest is run; of the whole pack otherwise. */
export const collectorsOf = (
  pack: AuditPack,
  planned: PlannedScenario | undefined,
): string | undefined => planned?.application?.collectors ?? pack.collectors;
