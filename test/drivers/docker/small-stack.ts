// A stack that starts at once, for tests that plant faults: one service on busybox, one volume. Each
// version says itself what its services are, so that a release can be broken in any way.

import type { Stack, StackRequest, StackService } from '../../../src/ports/stack.ts';
import type { MakeStack } from './subject.ts';

export const busybox = 'seatrial-fixture/busybox:1';

/** Runs until it is stopped; ends at once when told to. */
export const idle = (version: string): StackService => ({
  image: busybox,
  init: true,
  command: ['sleep', '3600'],
  environment: { RELEASE: version },
  volumes: [{ type: 'volume', source: 'data', target: '/data' }],
  stop_grace_period: '2s',
});

export const runs = (script: string): Partial<StackService> => ({ command: ['sh', '-c', script] });

export type Plan = {
  /** Added to the service `app` of base and head. */
  readonly both?: Partial<StackService>;
  readonly head?: Partial<StackService>;
  /** Services of base alone: orphans after the upgrade. */
  readonly baseOnly?: readonly string[];
};

export const smallStack =
  ({ both = {}, head = {}, baseOnly = [] }: Plan): MakeStack =>
  (version: string, { instance }: StackRequest): Promise<Stack> => {
    const isHead = version !== '1.0.0';
    const own = isHead ? head : {};
    // The engine watches an update for five seconds where nobody says otherwise.
    const deploy = { update_config: { monitor: '300ms' }, ...both.deploy, ...own.deploy };
    const app = { ...idle(version), ...both, ...own, deploy };
    const extra = isHead ? [] : baseOnly.map((name) => [name, idle(version)] as const);
    return Promise.resolve({
      name: instance,
      services: { app, ...Object.fromEntries(extra) },
      volumes: { data: {} },
    });
  };
