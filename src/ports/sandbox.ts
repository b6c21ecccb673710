// What code of a change under test may have while it runs: the middle authority between nothing and
// everything.

import type { ProcessResult, ProcessSpec } from './processes.ts';

export type SandboxLimits = {
  readonly memoryBytes: number;
  readonly processes: number;
  /** Of one processor, 1 = all of it. */
  readonly processors: number;
  /** Of each output stream; who writes more is ended. */
  readonly outputBytes: number;
  /** All that can be written, in memory. */
  readonly filesBytes: number;
  readonly openFiles: number;
};

/** What holds the limits of memory, processes and processor. `limits`: per process, not together. */
export type SandboxEnforcement = 'control-groups' | 'limits';

export type SandboxState =
  | {
      readonly program: string;
      readonly version: string;
      readonly enforcement: SandboxEnforcement;
      /** The numeric user that the code is for the kernel: 65534, or the caller's where that is not root. */
      readonly kernelUser: number;
      readonly limits: SandboxLimits;
    }
  /** Why nothing can run in a sandbox here. */
  | { readonly unavailable: string };

export type SandboxSpec = Pick<
  ProcessSpec,
  'argv' | 'cwd' | 'env' | 'stdin' | 'timeoutMs' | 'graceMs' | 'signal' | 'channel' | 'onChannel'
> & {
  /** Files and folders that can be read, at their own paths; of the rest of the host only `/usr`. */
  readonly readOnly: readonly string[];
  /**
   * An empty folder. Inside it is memory of its own, whose plain files are copied out at the end, unless
   * `channel` is set.
   */
  readonly results: string;
  /** The app as the host reaches it; the only address there is besides the sandbox's own loopback. */
  readonly url?: string;
};

export type SandboxResult = ProcessResult & {
  /** It wrote more than it may and was ended for it. */
  readonly flooded: boolean;
};

export type Sandbox = {
  /** Tried once, with a program that does nothing. Never throws for what the host lacks. */
  readonly state: () => Promise<SandboxState>;
  /** `url` as the code inside sees it. */
  readonly addressOf: (url: string) => string;
  /** Throws `unavailable` when there is no sandbox: nothing runs outside it instead. */
  readonly run: (spec: SandboxSpec) => Promise<SandboxResult>;
  /** As `Processes.find`, for an interpreter; with the folders that it is made of. */
  readonly python: () => Promise<
    { readonly program: string; readonly readOnly: readonly string[] } | undefined
  >;
};
