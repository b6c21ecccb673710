import type {
  OverlayFacts,
  OverlayOutcome,
  OverlayReaders,
  OverlaySelection,
} from '../../ports/overlays.ts';
import type { Processes } from '../../ports/processes.ts';

/** One file to run now, with everything a process for it needs. */
export type Job = {
  readonly selection: OverlaySelection;
  readonly facts: OverlayFacts;
  /** Absolute path of the checks folder. */
  readonly folder: string;
  /** Of code that came with a release: the folder that it may import from. */
  readonly root?: string;
  /** For one check. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the process may leave results; empty before, removed after. */
  readonly results: string;
  /** For files of the harness that the process reads; removed after. */
  readonly scratch: string;
  readonly onStart: (id: string) => void;
  readonly onResult: (outcome: OverlayOutcome) => void;
};

/** What the runners share. */
export type World = {
  readonly processes: Processes;
  readonly readers: OverlayReaders;
  /** Absolute path of the Node program. */
  readonly node: string;
  /** Text of the program that calls a module's checks; read when first asked for. */
  readonly host: () => Promise<string>;
  readonly outputLimitBytes: number;
  readonly loadMsMin?: number;
};
