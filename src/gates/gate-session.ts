// What the gates of one run share.

import type { Bundle } from '../evidence/bundle.ts';
import type { Redactor } from '../evidence/redactor.ts';
import type { Store } from '../evidence/store.ts';
import type { TrustedKey } from '../evidence/keys.ts';
import type { Head } from '../ports/work-tree.ts';
import type { RunOutcome } from '../evidence/record.ts';
import type { GatesFile } from './gate-schema.ts';
import type { GateWorld } from './gate-world.ts';
import type { Risk } from './risks.ts';
import type { Planting } from './target-instance.ts';

/** A planted fault, for canary runs. */
export type PlantedCanary = {
  readonly id: string;
  readonly gate: string;
  readonly planting: Planting;
};

export type GateRunOptions = {
  /** Its root must be absolute. */
  readonly store: Store;
  readonly file: GatesFile;
  /** The gates file as reports name it, its absolute folder, and its digest. */
  readonly shown: string;
  readonly here: string;
  readonly digest: string;
  /** Names; undefined = all. */
  readonly selected?: readonly string[] | undefined;
  readonly profile: string;
  readonly strictManual: boolean;
  readonly strictRisks: boolean;
  /** Base address of a running system to judge. */
  readonly target?: string | undefined;
  readonly jobs: number;
  /** Coverage of a base commit that nobody recorded is made anew. */
  readonly computeBase?: boolean | undefined;
  /** Seconds; overrides that of every gate. */
  readonly timeoutS?: number | undefined;
  readonly keys: readonly TrustedKey[];
  /** Undefined outside a repository. */
  readonly head: Head | undefined;
  /** What links to evidence begin with. */
  readonly evidenceBase: (run: string) => string;
  /** Residual risks as the file lists them, shown in the sign-off. */
  readonly risks: readonly Risk[];
  readonly bootId: string;
  readonly canary?: PlantedCanary | undefined;
  readonly signal: AbortSignal;
  /** How a stopped run ended, by its signal. */
  readonly howStopped: (signal: AbortSignal) => {
    readonly outcome: RunOutcome;
    readonly cause: string;
    readonly message: string;
    readonly exitCode?: number;
  };
  /** Reports, signature and the store's list. */
  readonly close: (bundle: Bundle) => Promise<void>;
  readonly onGate?: (name: string, state: 'started' | 'ended') => void;
};

export type GateSession = {
  readonly world: GateWorld;
  readonly options: GateRunOptions;
  readonly run: string;
  readonly work: string;
  readonly bundle: Bundle;
  readonly redactor: Redactor;
  readonly stop: AbortSignal;
};
