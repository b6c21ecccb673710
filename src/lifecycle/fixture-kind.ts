// What a kind of fixture is: how it looks, changes, proves that it bites, and undoes. Looking is given a reader; only
// `apply` and `undo` are given a writer, which exists only for an undo that is on the disk.

import type { Expectation } from '../evidence/expectation.ts';
import type { ResourceLog } from '../ports/app-driver.ts';
import type { Engines } from '../ports/engines.ts';
import type { FixtureReader, FixtureWriter } from '../ports/fixtures.ts';
import type { JsonObject } from '../ports/json.ts';
import type { PackFile } from '../scenario/pack-file.ts';

export type FixturePlace = {
  readonly id: string;
  readonly run: string;
  /** Private folder of the run. */
  readonly work: string;
  /** Another one, with a short path, for sockets. */
  readonly runtime: string;
  /** Folder of the pack that inputs lie in. */
  readonly pack: string;
  /** Folder of the store for what is made once and used by many runs. */
  readonly cache: string;
  /** What undo records of fixtures that this run applied before say of their targets. */
  readonly beside: readonly JsonObject[];
  /** Environment for commands of the product. */
  readonly env: Readonly<Record<string, string>>;
  /** Files in which the product keeps entries, with their places filled in. */
  readonly staging: PackFile['staging'];
  readonly policy: PackFile['policy'];
  /** Label of containers that are sandboxes; its value is the sandbox's name. */
  readonly sandboxLabel?: string;
  /** File that names the process of the product's gateway, where it has one. */
  readonly gatewayPidFile?: string;
  /** Fills in `{home}` and the like. */
  readonly fill: (text: string) => string;
  /** Fresh for the run. */
  readonly nonce: string;
  readonly resources: ResourceLog;
  readonly signal: AbortSignal;
};

/** What was there before. `pre` holds all that the undo needs, beside the pre-image in the undo folder. */
export type Before = {
  /** Canonical name of what is changed. */
  readonly target: string;
  readonly pre: JsonObject;
};

/** Copies what stands at a path into the undo folder under that name, durable when it returns. */
export type KeepImage = (path: string, name: string) => Promise<void>;

/** Something that lives only in this process. */
export type Live = {
  readonly close: () => Promise<void>;
  /** What happened at it, for evidence. */
  readonly log?: () => readonly JsonObject[];
};

export type Applied = {
  /** For `{fixture.<id>.<output>}`. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Digests, hex SHA-256, of contents that it wrote: reading them back shows nothing (C7). */
  readonly wrote: readonly string[];
  /** More for the record. */
  readonly details?: JsonObject;
  readonly live?: Live;
};

/** What the effect probe saw, and what it must be. */
export type Probe = {
  readonly observed: JsonObject;
  readonly expect: readonly Expectation[];
};

/** An undo as its records have it, which is all there is after a crash. */
export type UndoRecord = {
  readonly run: string;
  readonly target: string;
  readonly pre: JsonObject;
  /** Folder with the pre-image. */
  readonly folder: string;
  /** Digest of the target after it was applied; absent when the run died before it looked. */
  readonly applied?: string;
  readonly live?: Live;
  readonly signal: AbortSignal;
};

export type UndoReport = {
  /** Where somebody else's version was kept. */
  readonly conflict?: string;
};

export type Digests = {
  readonly target: string;
  /** Other parts of the container that the target lives in; null where it lives alone. */
  readonly neighbours: string | null;
  readonly notes?: readonly string[];
};

export type Kind<Inputs> = {
  /** Names of what nobody else may change meanwhile (F10). */
  readonly locks: (
    reader: FixtureReader,
    inputs: Inputs,
    place: FixturePlace,
  ) => Promise<readonly string[]>;
  /**
   * Makes what is changed then, where it is the run's own: as a resource, intended before and removed with the run.
   */
  readonly prepare?: (engines: Pick<Engines, 'create'>, place: FixturePlace) => Promise<void>;
  /** Throws `refused` for what may not be changed (F12). */
  readonly observe: (
    reader: FixtureReader,
    inputs: Inputs,
    place: FixturePlace,
    keep: KeepImage,
  ) => Promise<Before>;
  readonly apply: (
    writer: FixtureWriter,
    inputs: Inputs,
    place: FixturePlace,
    before: Before,
  ) => Promise<Applied>;
  readonly probe: (
    reader: FixtureReader,
    inputs: Inputs,
    place: FixturePlace,
    applied: Applied & Before,
  ) => Promise<Probe>;
  /** By the record alone. */
  readonly digests: (reader: FixtureReader, record: UndoRecord) => Promise<Digests>;
  /** Idempotent and total (F3): absent, half-applied and restored targets all end in the pre-state. */
  readonly undo: (writer: FixtureWriter, record: UndoRecord) => Promise<UndoReport>;
};

export const textOf = (value: JsonObject, name: string): string => {
  const found = value[name];
  return typeof found === 'string' ? found : '';
};

/** Of the target as it was, which every undo record holds beside what its kind put there. */
export function digestBefore(pre: JsonObject): string {
  const { digests } = pre;
  return typeof digests === 'object' && digests !== null
    ? textOf(digests as JsonObject, 'target')
    : '';
}
