// What fixtures may see, and what they may change. The second exists only for a fixture whose undo is on the disk:
// see `FixtureWriter`.

import type { Clock } from './clock.ts';
import type { ContainerReader, Containers } from './containers.ts';
import type { Engines } from './engines.ts';
import type { Files } from './files.ts';
import type { Http } from './http.ts';
import type { Images } from './images.ts';
import type { Processes } from './processes.ts';
import type { Servers } from './servers.ts';

/** What stands at a path, links resolved only above it. */
export type PathLook = {
  /** The folder it is in, without links, and its own name. */
  readonly real: string;
  /** Device and inode of that folder. */
  readonly folder: string;
  readonly kind: 'absent' | 'file' | 'directory' | 'symlink' | 'other';
  /** Of a symlink: where it leads, without links; undefined when nowhere. */
  readonly leadsTo?: string;
  /** Names that the file has. */
  readonly links: number;
  /** Whether something is mounted right there. */
  readonly mounted: boolean;
};

export type FixturePaths = {
  /** Throws `not-found` when there is no such folder. */
  readonly look: (path: string) => Promise<PathLook>;
  /** Extended attributes by path below it, as text; undefined where nothing on this host can tell. */
  readonly attributes: (path: string) => Promise<Readonly<Record<string, string>> | undefined>;
};

/** A process by what no other one has at the same time. */
export type Living = { readonly pid: number; readonly startTime: number };

export type FixtureReader = {
  readonly files: Pick<Files, 'read' | 'readText' | 'stat' | 'list' | 'listing' | 'stream'>;
  readonly paths: FixturePaths;
  /** Probes: commands that tell and change nothing. */
  readonly commands: Processes;
  /** Probes: requests to servers that a fixture started. */
  readonly http: Http;
  readonly servers: Pick<Servers, 'addressOf'>;
  /** Images; of those that are there, a program may be run in a container that is gone at once. */
  readonly images: Pick<Images, 'find' | 'tagged' | 'platform' | 'run'>;
  /** Of the engine at that address. */
  readonly containers: (engine: string) => ContainerReader;
  readonly engines: Pick<Engines, 'look'>;
  readonly clock: Clock;
  /** This process, as others can tell whether it lives. */
  readonly self: Living;
  readonly lives: (process: Living) => boolean;
};

declare const registered: unique symbol;

/**
 * Made in lifecycle/register-undo.ts alone, after the record that says how to undo is durable (F1). Nothing else
 * that a fixture is given can change anything.
 */
export type FixtureWriter = Omit<
  FixtureReader,
  'files' | 'servers' | 'images' | 'containers' | 'engines'
> & {
  readonly [registered]: true;
  readonly files: Files;
  readonly servers: Servers;
  readonly images: Images;
  readonly containers: (engine: string) => Containers;
  readonly engines: Engines;
  /** Writes into the file that is there, for one that has several names; mode and owner stay. */
  readonly rewrite: (path: string, bytes: Uint8Array) => Promise<void>;
  /** Makes a folder; false when something is there already. */
  readonly claim: (path: string) => Promise<boolean>;
};

/** What the writer is made of. */
export type FixturePorts = Omit<FixtureWriter, typeof registered>;
