// What Compose and Swarm do differently. Everything else of the two drivers is shared.

import type { Convergence, ServiceState } from '../../ports/app-driver.ts';
import type { JsonObject } from '../../ports/json.ts';
import type { Stack } from '../../ports/stack.ts';
import type { Instance, Stage } from './instance.ts';

export type SettleOptions = {
  readonly settleMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

export type Orchestrator = {
  readonly kind: 'compose' | 'swarm' | 'abra';
  /** What it deploys carries no mark of the run, and belongs to it by the name of the stack. */
  readonly byStackName?: true;
  /** Labels that the containers of a stack carry, or of one service of it. */
  readonly filter: (stack: string, service?: string) => readonly string[];
  /** A service in the shape it is compared in; `image` is what its reference means now. */
  readonly shape: (
    instance: Instance,
    stack: Stack,
    service: { readonly name: string; readonly stage: Stage },
  ) => Promise<JsonObject>;
  /** Returns when accepted. Services that the stack does not have are removed. */
  readonly deploy: (
    instance: Instance,
    stack: Stack,
    options: { readonly signal: AbortSignal; readonly forced?: boolean },
  ) => Promise<void>;
  /** What runs, by service. */
  readonly services: (instance: Instance) => Promise<Readonly<Record<string, ServiceState>>>;
  readonly settled: (instance: Instance, options: SettleOptions) => Promise<Convergence>;
  /** Ends every container and removes it, so that no volume is in use; services stay what they are. */
  readonly scaleDown: (instance: Instance, signal: AbortSignal) => Promise<void>;
  readonly scaleUp: (instance: Instance, signal: AbortSignal) => Promise<void>;
  /** Removes services, containers and networks; keeps data, secrets and configs. */
  readonly takeDown: (instance: Instance, signal: AbortSignal) => Promise<void>;
  /** Takes back what only it knows of, before the engine is swept. Answers with what went wrong. */
  readonly withdraw?: (instance: Instance, signal: AbortSignal) => Promise<readonly string[]>;
};
