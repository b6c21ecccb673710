// What actions and collectors of single containers are given beside the rest, as far as they use it.

import type { Context, HostFile, JsonObject, Ports, Result } from './ports.ts';

export type ContainerFile = HostFile & {
  readonly mode?: string;
  readonly uid?: number;
  readonly gid?: number;
};

export type ContainerPorts = Ports & {
  readonly sandbox: {
    readonly inspect: (container: string) => Promise<JsonObject | undefined>;
    readonly exec: (
      container: string,
      command: {
        readonly argv: readonly [string, ...string[]];
        readonly user?: string;
        readonly env?: Readonly<Record<string, string>>;
        readonly timeoutMs?: number;
      },
    ) => Promise<Result>;
    readonly read: (container: string, path: string) => Promise<ContainerFile>;
  };
  readonly driver: { readonly image: (reference: string) => Promise<JsonObject | undefined> };
};

export type ContainerContext = Context & {
  /** Eight characters that no other run has. */
  readonly suffix: string;
  /** Outputs by fixture; of a container its `name`, `id` and `image`. */
  readonly fixtures: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly ports: ContainerPorts;
  readonly sleep: (milliseconds: number) => Promise<void>;
};

export type ContainerAction = (
  context: ContainerContext & { readonly with: JsonObject },
) => Promise<Pick<Result, 'exit'> & { readonly stdout?: string; readonly stderr?: string }>;

export type ContainerCollector = {
  readonly before?: (context: ContainerContext) => Promise<JsonObject>;
  readonly after: (
    context: ContainerContext & { readonly before?: JsonObject },
  ) => Promise<JsonObject>;
};
