// The manifest as loaded, defaults filled in. The registry that reads it, its JSON Schema and the
// reference table are in manifest-schema.ts.

import type { DriverKind } from '../ports/app-driver.ts';
import type { JsonObject } from '../ports/json.ts';

export type EnvValue = string | { readonly from: string };

export type Probe = (
  | { readonly tcp: string }
  | { readonly http: { readonly path: string; readonly status: readonly number[] } }
  | { readonly log: string }
  | { readonly exec: readonly [string, ...string[]] }
) & { readonly service?: string };

export type HookName = 'prepare' | 'preUpgrade' | 'seed' | 'mutate' | 'backupVerify' | 'ready';

export type Manifest = {
  readonly seatrial: 1;
  readonly app: string;
  readonly driver: DriverKind;
  readonly source: {
    /** Where published releases are: exactly one. */
    readonly npm?: string;
    readonly git?: string;
    /** Folder that holds one sub-folder or tarball per version. */
    readonly directory?: string;
    readonly path: string;
    /** Default head reference. */
    readonly head?: string;
    /** Whether install scripts of npm packages run while a release is prepared. */
    readonly npmScripts?: boolean;
    /** Versions that npm installs of packages below the app's own, by package. */
    readonly overrides?: Readonly<Record<string, string>>;
  };
  readonly process?: {
    /** Placeholders: {release} {data} {config} {port} {port.<name>} {node}. */
    readonly start: readonly [string, ...string[]];
    readonly cwd: string;
    /** Run once per release in its tree, before it is digested. */
    readonly prepare?: readonly [string, ...string[]];
    /** Run before each start of a new release (migrations that are not part of start). */
    readonly configure?: readonly [string, ...string[]];
    readonly ports: readonly string[];
    /** Files written to {config}: name → literal text or a file beside the manifest. Placeholders are filled. */
    readonly config: Readonly<
      Record<string, { readonly file: string } | { readonly text: string }>
    >;
    readonly stop: { readonly signal: string; readonly graceS: number };
  };
  readonly health:
    | {
        readonly path: string;
        readonly status: readonly number[];
        readonly contains?: string;
        readonly host?: string;
        readonly redirectsTo: readonly string[];
        readonly via: 'auto' | 'ingress' | 'published' | 'task';
        readonly service: string;
        readonly port?: number;
        /** Absent for containers where it is not given: the port that is asked decides. */
        readonly scheme?: 'http' | 'https';
      }
    | { readonly none: string };
  readonly probes: readonly Probe[];
  /** Seconds. */
  readonly timeouts: {
    readonly deploy: number;
    readonly http: number;
    readonly settle: number;
    readonly overlay: number;
    readonly hook: number;
    readonly backup: number;
    readonly restore: number;
    readonly remove: number;
  };
  readonly env: Readonly<Record<string, EnvValue>>;
  readonly upgradeEnv: Readonly<Record<string, EnvValue>>;
  readonly secrets: Readonly<Record<string, { readonly from: string }>>;
  readonly base: { readonly release?: string; readonly skip?: string; readonly repair?: string };
  readonly backup: {
    readonly capable: 'auto' | true | { readonly no: string };
    readonly attempts: number;
    /** process: snapshot of the stopped data folder, or of the running one between quiesce and resume. */
    readonly how: 'stopped' | 'live';
    readonly quiesce?: readonly [string, ...string[]];
    readonly resume?: readonly [string, ...string[]];
    /** The app's own dump and its counterpart; placeholder {artifact} is a folder. */
    readonly command?: readonly [string, ...string[]];
    readonly restoreCommand?: readonly [string, ...string[]];
    /** Whether the app is up while volumes are written, and what is emptied before. */
    readonly restore?: 'auto' | 'live' | 'cold';
    readonly destroy?: 'volumes' | 'paths';
  };
  readonly data: {
    readonly markers: 'on' | { readonly off: string };
    readonly exclude: readonly string[];
  };
  readonly hooks: Readonly<
    Partial<Record<HookName, { readonly file: string; readonly needs?: readonly 'docker'[] }>>
  >;
  /** Operation → reason. */
  readonly notApplicable: Readonly<Record<string, string>>;
  readonly skipFloor: Readonly<Record<string, string>>;
  /** Settings of the fake driver. */
  readonly fake?: JsonObject;
  /** Keys of drivers with an engine. The loader fills them in for every driver. */
  readonly compose?: readonly string[];
  readonly dependencies?: readonly {
    readonly app: string;
    readonly as: string;
    readonly env: Readonly<Record<string, EnvValue>>;
    readonly warm: boolean;
  }[];
  readonly screenshot?:
    | 'off'
    | {
        readonly path: string;
        readonly waitFor?: string;
        readonly mask: readonly string[];
        readonly hook?: string;
      };
  readonly ports?: Readonly<Record<string, 'keep' | 'auto' | 'drop'>>;
  readonly hostAccess?: readonly {
    readonly mount?: string;
    readonly network?: string;
    readonly capability?: string;
    readonly reason: string;
  }[];
  readonly oneshot?: readonly string[];
  readonly resolveImage?: 'always' | 'changed' | 'never';
};
