// What functions of a pack are given and answer: actions do, collectors and observers look, a subject puts the product
// in place. Whatever they touch goes through `PackPorts`, which keeps what was touched; they cannot.

import type { Json, JsonObject } from './json.ts';

/** What of the app a call touched, in the words of checks' boundaries. */
export type Surface =
  'host-cli' | 'http' | 'gateway' | 'sandbox' | 'agent' | 'provider' | 'state' | 'driver';

export type PackCommand = {
  readonly argv: readonly [string, ...string[]];
  /** Default: the run's work folder. */
  readonly cwd?: string;
  /** Beside the product's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Default 60 s. */
  readonly timeoutMs?: number;
};

export type PackResult = {
  /** Undefined when a signal or the time ended it. */
  readonly exit: number | undefined;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
};

export type PackFile = {
  readonly kind: 'absent' | 'file' | 'directory' | 'symlink' | 'other';
  /** Permissions in octal. */
  readonly mode?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly inode?: number;
  readonly bytes?: number;
  readonly sha256?: string;
  /** Of a file of at most 1 MiB of UTF-8. */
  readonly text?: string;
};

export type PackAnswer = { readonly status: number; readonly text: string };

/** Every call is a source of the evidence, and counts for the surface that it is proven to touch. */
export type PackPorts = {
  /** A program on the host. What it leaves running is ended with the run. */
  readonly run: (command: PackCommand) => Promise<PackResult>;
  readonly http: (request: {
    readonly url: string;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly timeoutMs?: number;
  }) => Promise<PackAnswer>;
  /** A request to the gateway's socket or address. */
  readonly gateway: (request: {
    readonly path: string;
    readonly method?: string;
    readonly body?: string;
  }) => Promise<PackAnswer>;
  readonly sandbox: {
    /** Containers of sandboxes of this run, as the engine lists them. */
    readonly list: () => Promise<readonly JsonObject[]>;
    /** As the engine tells it; undefined when it is gone. */
    readonly inspect: (container: string) => Promise<JsonObject | undefined>;
    readonly exec: (
      container: string,
      command: Pick<PackCommand, 'argv' | 'env' | 'timeoutMs'> & { readonly user?: string },
    ) => Promise<PackResult>;
    readonly read: (container: string, path: string) => Promise<PackFile>;
  };
  readonly state: {
    readonly read: (path: string) => Promise<PackFile>;
    /** Every entry below a folder with kind, mode and digest, by path; the folder itself is `.`. */
    readonly tree: (path: string) => Promise<Readonly<Record<string, PackFile>>>;
  };
  /** Requests with the run's nonce that arrived at a fixture of kind `http-endpoint`. */
  readonly provider: { readonly requests: (fixture: string) => Promise<readonly JsonObject[]> };
  readonly driver: {
    /** Undefined when there is no such image. */
    readonly image: (reference: string) => Promise<JsonObject | undefined>;
    readonly images: () => Promise<readonly JsonObject[]>;
  };
  /** The same of another engine, by its address: one that a fixture of kind `daemon-config` started. */
  readonly engine: (host: string) => Pick<PackPorts, 'sandbox' | 'driver'>;
};

export type PackPlaces = {
  /** Folder of the pack. */
  readonly pack: string;
  /** The product as it is installed for this run. */
  readonly product: string;
  /** Its user's home, of the run alone. */
  readonly home: string;
  readonly work: string;
  readonly run: string;
  /** Eight characters that no other run has; ends every instance's name. */
  readonly suffix: string;
};

export type PackContext = PackPlaces & {
  /** Base of instance names with the suffix; of a scenario under a contract, the contract's id. */
  readonly name: string;
  readonly nonce: string;
  /** Parsed; absent under a contract. */
  readonly manifest?: JsonObject;
  readonly releases?: { readonly base?: string; readonly head: string };
  /** Outputs by fixture. */
  readonly fixtures: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly ports: PackPorts;
  /** Secrets to plant where the app keeps secrets, by variable. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Pauses; rejects when the run is stopped. */
  readonly sleep: (milliseconds: number) => Promise<void>;
};

export type PackAction = (
  context: PackContext & { readonly with: JsonObject },
) => Promise<Pick<PackResult, 'exit'> & { readonly stdout?: string; readonly stderr?: string }>;

/** `before` is asked before the operation that the check follows, and becomes `/before` of what was observed. */
export type PackCollector = {
  readonly before?: (context: PackContext) => Promise<JsonObject>;
  readonly after: (
    context: PackContext & {
      readonly before?: JsonObject;
      /** How the operation ended. */
      readonly action: {
        readonly exit: number | null;
        readonly stdout: string;
        readonly stderr: string;
      };
      /** More evidence, by a name that the register gives. */
      readonly keep: (name: string, text: string) => void;
    },
  ) => Promise<JsonObject>;
};

export type PackObserver = (context: PackContext) => Promise<Json>;

/** What the evidence is about; becomes `bound.subject` of the run. */
export type SubjectIdentity = {
  /** Hex SHA-256 over all that identifies it: built trees, or executables and images. */
  readonly digest: string;
  /** What the head under test is made of, as its own probes report it. */
  readonly builds: readonly {
    /** Its name in observations of instances: `openclaw`, `openshell-gateway`. */
    readonly component: string;
    readonly version: string;
    /** Identity of what an instance of it runs: image id, or digest of the executable. */
    readonly content: string;
  }[];
  readonly commit?: string;
  readonly tree?: string;
};

export type OpenedSubject = {
  /** Environment for its programs. */
  readonly env: Readonly<Record<string, string>>;
  /** Planted faults that its programs report of themselves. */
  readonly mutants: readonly string[];
  /** Names of planted secrets that the app was seen to hold; absent when it was given none. */
  readonly held?: (context: PackContext) => Promise<readonly string[]>;
  /** Observations for proofs, asked before the first operation and after each: evidence/observed.ts says which. */
  readonly observe?: (context: PackContext) => Promise<readonly JsonObject[]>;
  /** Ends politely what the product left running. */
  readonly close?: (context: PackContext) => Promise<void>;
};

/** What decides whether a scenario can be run on a subject, before anything is prepared. */
export type SubjectConditions = {
  readonly pack: string;
  /** As `PackSubject.prepare` has it. */
  readonly settings?: JsonObject;
  /** Address of the engine that the run would use; empty for a scenario that needs none. */
  readonly dockerHost: string;
  /** Whether it was named for Seatrial, and is not simply the one that its user works with. */
  readonly isOwnEngine: boolean;
  /** Below the product's folder: what inputs of the scenario name there. */
  readonly places: readonly string[];
  /** Functions of the pack that the scenario performs, by name. */
  readonly actions: readonly string[];
  readonly signal: AbortSignal;
};

export type PackSubject = {
  /** What is missing, one sentence part for each; absent where nothing can be. The run then ends with exit code 3. */
  readonly unmet?: (conditions: SubjectConditions) => Promise<readonly string[]>;
  /** Before the run: builds into the cache whatever it needs, and says what that is. */
  readonly prepare: (context: {
    readonly pack: string;
    readonly cache: string;
    /** Whether a planted fault must be possible. */
    readonly canary: boolean;
    /** What its file of settings says; absent for a subject without one. */
    readonly settings?: JsonObject;
    readonly signal: AbortSignal;
  }) => Promise<SubjectIdentity>;
  /** Makes `product` and `home` of the run from it. */
  readonly open: (
    context: PackPlaces & {
      readonly cache: string;
      /** As `PackContext` has it. */
      readonly name: string;
      readonly env: Readonly<Record<string, string>>;
      readonly ports: PackPorts;
      readonly releases?: { readonly base?: string; readonly head: string };
      readonly settings?: JsonObject;
    },
  ) => Promise<OpenedSubject>;
};

/** What one call showed, as the wrappers saw it. */
export type Witnessed = {
  readonly transport: string;
  readonly command: string;
  readonly output: string;
  readonly target?: string;
  readonly touched: readonly Surface[];
};

/** Makes ports whose calls are told to `witness`. */
export type PackPortsFor = (options: {
  readonly places: PackPlaces;
  readonly env: () => Readonly<Record<string, string>>;
  readonly surfaces: PackSurfaces;
  readonly requests: (fixture: string) => readonly JsonObject[];
  readonly nonce: string;
  /** Secrets that programs of the product get in their environment, and who is told that they have them. */
  readonly planted: Readonly<Record<string, string>>;
  readonly held: (name: string) => void;
  readonly witness: (call: Witnessed) => void;
  readonly signal: AbortSignal;
}) => PackPorts;

/** As pack.yaml has them, places filled in. */
export type PackSurfaces = {
  readonly 'host-cli'?: { readonly folders: readonly string[] } | undefined;
  readonly gateway?:
    | {
        readonly socket?: string | undefined;
        readonly address?: string | undefined;
        readonly pidFile: string;
      }
    | undefined;
  readonly sandbox?: { readonly label: string } | undefined;
  readonly agent?:
    { readonly programs: readonly string[]; readonly ports: readonly number[] } | undefined;
  readonly state?: { readonly folders: readonly string[] } | undefined;
  readonly http?: { readonly address: string } | undefined;
};
