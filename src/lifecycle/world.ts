// Everything lifecycle may touch, handed in by whoever calls it.

import type { AppDriver, DriverKind } from '../ports/app-driver.ts';
import type { Archives } from '../ports/archives.ts';
import type { Clock } from '../ports/clock.ts';
import type { Files } from '../ports/files.ts';
import type { FixturePorts } from '../ports/fixtures.ts';
import type { Http } from '../ports/http.ts';
import type { Ids } from '../ports/ids.ts';
import type { Locks } from '../ports/locks.ts';
import type { OverlayRunner } from '../ports/overlays.ts';
import type { Processes } from '../ports/processes.ts';
import type { RecipeReader } from '../ports/recipes.ts';
import type { ReleaseSources } from '../ports/release.ts';
import type { Sandbox } from '../ports/sandbox.ts';
import type { Signer } from '../ports/signer.ts';
import type { RecordData } from '../evidence/record.ts';

export type Host = RecordData['run.started']['host'];

export type World = {
  readonly archives: Archives;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly files: Files;
  readonly locks: Locks;
  readonly processes: Processes;
  readonly http: Http;
  readonly fixtures: FixturePorts;
  readonly driver: AppDriver;
  /** Any driver by its kind: a dead run is cleaned up by the one that made it. */
  readonly driverFor: (kind: DriverKind) => AppDriver;
  readonly releases: ReleaseSources;
  /** Absent: the driver deploys no recipes. */
  readonly recipes?: RecipeReader;
  readonly overlays: OverlayRunner;
  /** For code that came with a release. */
  readonly sandbox: Sandbox;
  /** Absent: bundles stay unsigned, and say so. */
  readonly signer?: Signer;
  readonly host: Host;
  readonly pid: number;
  readonly toolVersion: string;
  /** Value of a variable that a manifest refers to with `{from: env:NAME}`. */
  readonly environment: (name: string) => string | undefined;
};

/** Products of packs deploy themselves, and checks of packs are functions. */
export type ScenarioWorld = Omit<World, 'releases' | 'overlays' | 'sandbox'>;
