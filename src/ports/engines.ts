// Container engines of a run's own: with a data root, configuration file and socket that no other engine has.

import type { JsonObject } from './json.ts';

/** Where an engine lives; enough to find and end it from another process. */
export type EngineHome = {
  /** Folder for its configuration, programs, log and data. It exists for the engine alone. */
  readonly folder: string;
  /** Folder for its sockets, whose paths the kernel keeps short. */
  readonly runtime: string;
  /** Run whose mark its processes carry. */
  readonly run: string;
};

export type EngineFiles = {
  readonly config: string;
  readonly socket: string;
  /** A line for each start: pid, tab, SHA-256 of the configuration that it started with. */
  readonly starts: string;
  /** Program that ends the engine, and returns when it is gone. */
  readonly stop: string;
  /** Program that ends the engine and starts it again, and returns when it answers. */
  readonly restart: string;
};

export type EngineLook = {
  readonly files: EngineFiles;
  /** Absent: it does not run. */
  readonly process?: { readonly pid: number; readonly startTime: number };
  /** What it says of itself; absent when it does not answer. */
  readonly info?: JsonObject;
  /** SHA-256 of the configuration it was last started with. */
  readonly startedWith?: string;
};

export type Engines = {
  /** Makes the folders and starts it. Throws `unavailable` where this host has no engine to start. */
  readonly create: (home: EngineHome) => Promise<void>;
  readonly look: (home: EngineHome) => Promise<EngineLook>;
  /** Also starts one that does not run. Throws `io` with its last words when it does not answer again. */
  readonly restart: (home: EngineHome) => Promise<void>;
};
