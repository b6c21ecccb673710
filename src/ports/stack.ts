// A release as a Compose or Swarm driver deploys it: a Compose file without variables, and where
// the values of its secrets come from. Whoever reads recipes or Compose files makes it.

import type { JsonObject } from './json.ts';
import type { PreparedRelease } from './release.ts';

export type StackMount = {
  readonly type: 'volume' | 'bind' | 'tmpfs';
  /** Key in the stack's `volumes`, or a host path; absent for tmpfs and anonymous volumes. */
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly volume?: { readonly nocopy?: boolean };
  readonly bind?: { readonly propagation?: string };
  readonly tmpfs?: { readonly size?: number };
};

export type StackPort = {
  readonly target: number;
  /** Absent: the driver leases a free port of the host and keeps it as long as the instance lives. */
  readonly published?: number;
  readonly protocol?: 'tcp' | 'udp';
  readonly mode?: 'host' | 'ingress';
};

/** A config or secret as a service uses it. `mode` is a number, not octal text. */
export type StackFile = {
  readonly source: string;
  readonly target?: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly mode?: number;
};

export type StackUpdate = {
  readonly parallelism?: number;
  readonly delay?: string;
  readonly failure_action?: 'pause' | 'continue' | 'rollback';
  readonly monitor?: string;
  readonly max_failure_ratio?: number;
  readonly order?: 'stop-first' | 'start-first';
};

export type StackDeploy = {
  readonly mode?: 'replicated' | 'global' | 'replicated-job' | 'global-job';
  readonly replicas?: number;
  readonly endpoint_mode?: 'vip' | 'dnsrr';
  /** Labels of the service; those of its containers stand beside `deploy`. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly update_config?: StackUpdate;
  readonly rollback_config?: StackUpdate;
  readonly restart_policy?: {
    readonly condition?: 'none' | 'on-failure' | 'any';
    readonly delay?: string;
    readonly max_attempts?: number;
    readonly window?: string;
  };
  readonly placement?: JsonObject;
  readonly resources?: JsonObject;
};

export type StackHealthcheck = {
  /** First word `CMD`, `CMD-SHELL` or `NONE`. */
  readonly test?: readonly string[];
  readonly interval?: string;
  readonly timeout?: string;
  readonly start_period?: string;
  readonly retries?: number;
  readonly disable?: boolean;
};

/**
 * A service in the long form of the Compose specification: lists and maps where it allows shorter texts, `$` not
 * doubled, durations as text (`1m30s`). What is not named here goes in `other` under its Compose key: it is deployed
 * as it is, and shown and compared as part of the release, but the engine is not asked for it again.
 */
export type StackService = {
  readonly image: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  /** Null takes away what the image says. */
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly working_dir?: string;
  readonly hostname?: string;
  readonly init?: boolean;
  readonly tty?: boolean;
  readonly stdin_open?: boolean;
  readonly read_only?: boolean;
  readonly stop_signal?: string;
  readonly stop_grace_period?: string;
  /** Of the Compose driver alone; Swarm has `deploy.restart_policy`. */
  readonly restart?: string;
  readonly depends_on?: JsonObject;
  readonly healthcheck?: StackHealthcheck;
  readonly volumes?: readonly StackMount[];
  /** By key in the stack's `networks`. Absent: the network `default`. */
  readonly networks?: Readonly<Record<string, { readonly aliases?: readonly string[] }>>;
  readonly ports?: readonly StackPort[];
  readonly configs?: readonly StackFile[];
  readonly secrets?: readonly StackFile[];
  readonly deploy?: StackDeploy;
  readonly other?: JsonObject;
};

export type StackNetwork = {
  /** In the engine; default `<stack>_<key>`. */
  readonly name?: string;
  /** Made by somebody else; never removed. */
  readonly external?: boolean;
  readonly driver?: string;
  readonly driver_opts?: Readonly<Record<string, string>>;
  readonly attachable?: boolean;
  readonly internal?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
};

export type StackVolume = {
  /** In the engine; default `<stack>_<key>`. */
  readonly name?: string;
  readonly external?: boolean;
  readonly driver?: string;
  readonly driver_opts?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
};

export type StackConfig = {
  /** In the engine, where it says the version too; default `<stack>_<key>`. */
  readonly name?: string;
  /** Absent: hook `prepare` makes it in the engine before the deployment. */
  readonly content?: string;
  /** Of the content, where it is no text. */
  readonly encoding?: 'base64';
  /** `golang`: Swarm fills the content in per task. */
  readonly template_driver?: string;
  readonly labels?: Readonly<Record<string, string>>;
};

/** What characters a generated value may have. `default` = letters and digits. */
export type SecretCharset = 'default' | 'alnum' | 'hex' | 'special' | 'safespecial';

export type StackSecret = {
  /** In the engine, where it says the version too; default `<stack>_<key>`. */
  readonly name?: string;
  /** Generated once per instance and name: an upgrade that keeps the name keeps the value. */
  readonly value:
    | { readonly given: string }
    | { readonly generate: { readonly length: number; readonly charset: SecretCharset } };
  readonly labels?: Readonly<Record<string, string>>;
};

export type Stack = {
  /** Prefix of every name in the engine: letters, digits, `-` and `_`. */
  readonly name: string;
  /** Host name that the app was told it has. */
  readonly domain?: string;
  /** Only what labels ask for is backed up; otherwise every named volume is. */
  readonly backupByLabel?: true;
  readonly services: Readonly<Record<string, StackService>>;
  readonly networks?: Readonly<Record<string, StackNetwork>>;
  readonly volumes?: Readonly<Record<string, StackVolume>>;
  readonly configs?: Readonly<Record<string, StackConfig>>;
  readonly secrets?: Readonly<Record<string, StackSecret>>;
};

export type StackRequest = {
  readonly stage: 'base' | 'head';
  readonly app: string;
  readonly instance: string;
  /** The app's environment at that stage, placeholders and secrets of the harness filled in. */
  readonly env: Readonly<Record<string, string>>;
  /** The driver's part of the manifest. */
  readonly settings: JsonObject;
};

/** Reads what a release says about its deployment. Pure in effect: equal requests give equal stacks. */
export type StackSource = {
  /** Throws `refused` for a release that cannot be deployed as it is. */
  readonly stackOf: (release: PreparedRelease, request: StackRequest) => Promise<Stack>;
};
