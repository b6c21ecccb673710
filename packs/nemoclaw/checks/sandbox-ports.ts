// What actions and collectors of sandboxes are given, as far as they use it.

import type { Context, HostFile, JsonObject, Ports, Result } from './ports.ts';

export type Answer = { readonly status: number; readonly text: string };

export type SandboxPorts = Ports & {
  readonly gateway: (request: {
    readonly path: string;
    readonly method: string;
    readonly body: string;
  }) => Promise<Answer>;
  readonly sandbox: {
    readonly list: () => Promise<readonly JsonObject[]>;
    readonly inspect: (container: string) => Promise<JsonObject | undefined>;
    readonly exec: (
      container: string,
      command: {
        readonly argv: readonly [string, ...string[]];
        readonly env?: Readonly<Record<string, string>>;
        readonly user?: string;
      },
    ) => Promise<Result>;
    readonly read: (container: string, path: string) => Promise<HostFile>;
  };
  readonly state: {
    readonly read: (path: string) => Promise<HostFile>;
    readonly tree: (path: string) => Promise<Readonly<Record<string, HostFile>>>;
  };
  readonly provider: { readonly requests: (fixture: string) => Promise<readonly JsonObject[]> };
  readonly driver: {
    readonly image: (reference: string) => Promise<JsonObject | undefined>;
    readonly images: () => Promise<readonly JsonObject[]>;
  };
};

export type SandboxContext = Context & {
  readonly pack: string;
  readonly work: string;
  /** Base of instance names, with the run's suffix. */
  readonly name: string;
  readonly suffix: string;
  readonly nonce: string;
  readonly manifest?: JsonObject;
  readonly fixtures: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly ports: SandboxPorts;
  readonly sleep: (milliseconds: number) => Promise<void>;
};

export type SandboxAction = (
  context: SandboxContext & { readonly with: JsonObject },
) => Promise<Pick<Result, 'exit'> & { readonly stdout?: string; readonly stderr?: string }>;

export type SandboxCollector = {
  readonly before?: (context: SandboxContext) => Promise<JsonObject>;
  readonly after: (
    context: SandboxContext & {
      readonly before?: JsonObject;
      readonly action: {
        readonly exit: number | null;
        readonly stdout: string;
        readonly stderr: string;
      };
    },
  ) => Promise<JsonObject>;
};
