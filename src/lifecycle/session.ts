// What the operations of one run share. Made once by run.ts; the only state that changes here is
// what later operations need to know about earlier ones.

import type { BackupReport, Deployment, Snapshot } from '../ports/app-driver.ts';
import type { PreparedRelease } from '../ports/release.ts';
import type { Manifest } from '../scenario/manifest.ts';
import type { Plan } from '../scenario/plan.ts';
import type { OperationFacts, PerVolume } from '../checks/facts.ts';
import type { Lasting, SecretHit } from '../checks/run-checks.ts';
import type { Recorder } from './recorder.ts';
import type { RunSecrets } from './run-secrets.ts';
import type { World } from './world.ts';

export type Session = {
  readonly world: World;
  readonly run: string;
  readonly plan: Plan;
  readonly manifest: Manifest;
  /** Folder of the manifest: hooks and overlays lie below it. */
  readonly folder: string;
  /** Absolute path of the folder that overlay paths are relative to. */
  readonly checksFolder: string;
  /** Absolute path of the copy of what came with the head, for checks with an authority. */
  readonly localFolder: string;
  readonly work: string;
  readonly base?: PreparedRelease;
  readonly head: PreparedRelease;
  readonly recorder: Recorder;
  readonly secrets: RunSecrets;
  readonly stop: AbortSignal;
  /** Environment for the app; hooks may add to it before the app starts. */
  readonly env: Record<string, string>;
  readonly upgradeEnv: Record<string, string>;
  /** Variables whose values no snapshot may show. The driver holds this array, hooks add to it. */
  readonly secretNames: string[];
  readonly openDeployment: () => Promise<Deployment>;
  /** Deployed before the app, in this order, and removed after it. */
  readonly dependencies: readonly Dependency[];
  /** Looks for every secret in what the bundle holds by now. */
  readonly scanBundle: () => Promise<BundleScan>;
  readonly memory: Memory;
};

/** An app beside the app: the same run with a deployment, a manifest and an environment of its own. */
export type Dependency = {
  /** Name of its facts. */
  readonly as: string;
  /** Names of the variables that the app's manifest gives it. */
  readonly given: readonly string[];
  readonly session: Session;
};

export type BundleScan = {
  readonly hits: readonly SecretHit[];
  readonly bytes: number;
  readonly unscanned: readonly string[];
};

export type Memory = {
  deployment?: Deployment;
  /** Snapshot after the last operation that left the app running. */
  snapshot?: Snapshot;
  baseVolumes?: readonly string[];
  backup?: BackupReport;
  markersAtBackup?: PerVolume<string>;
  /** Planted secrets that the app was ever seen to hold, by name. */
  readonly held: Set<string>;
  readonly lasting: Lasting[];
  /** Content ids of all images that units of the run were seen to be made of. */
  readonly images: Set<string>;
  /** Bytes that the app printed, scanned for secrets before they were redacted. */
  readonly logHits: SecretHit[];
  logBytes: number;
  /** Evidence and output that could not be read to look for secrets. */
  readonly unscanned: string[];
  /** Which records the undo of the work folder has. */
  work?: 'registered' | 'ended';
};

/** Facts in the making: an operation that fails half-way keeps what it saw until then. */
export type Gathered = { -readonly [Key in keyof OperationFacts]?: OperationFacts[Key] };

export type Effect = (gathered: Gathered, signal: AbortSignal) => Promise<void>;

/** The deployment; asking before install made one is a bug. */
export function deploymentOf({ memory }: Session): Deployment {
  if (memory.deployment === undefined) throw new Error('no deployment was opened');
  return memory.deployment;
}
