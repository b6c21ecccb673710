// The engine dies under a deployment: never the app's fault, and what was there is still removed once
// the engine is back.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { composeOrchestrator } from '../../../src/drivers/compose/orchestrator.ts';
import { swarmOrchestrator } from '../../../src/drivers/swarm/orchestrator.ts';
import type { Processes } from '../../../src/ports/processes.ts';
import { openFaulty, perform } from './faulty.ts';
import { canStartEngines, openPrivateEngine, type PrivateEngine } from './private-engine.ts';
import { busybox, smallStack } from './small-stack.ts';

const settling = { settleMs: 1000, timeoutMs: 30_000 };
const lost = { done: 'error', converged: 'not-run', identity: 'not-run', cause: 'unavailable' };

describe.skipIf(!canStartEngines)('an engine that dies', () => {
  let engine: PrivateEngine;
  beforeAll(async () => {
    engine = await openPrivateEngine('gone', [busybox]);
  });
  afterAll(() => engine.remove());

  const open = (kind: 'compose' | 'swarm', processes?: (real: Processes) => Processes) =>
    openFaulty(kind === 'swarm' ? swarmOrchestrator : composeOrchestrator, {
      stackOf: smallStack({ head: { environment: { RELEASE: '2' } } }),
      host: engine.host,
      ...(processes === undefined ? {} : { processes }),
    });

  it.each(['compose', 'swarm'] as const)('FR-04: %s: while the app comes up', async (kind) => {
    const app = await open(kind);
    const restart = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await engine.kill();
      await engine.start();
    };
    const seen = await perform(app, 'install', { ...settling, settleMs: 20_000 }, restart);
    expect(seen, seen.message).toMatchObject(lost);
    expect(await app.remove()).toEqual([]);
  });

  it.each(['compose', 'swarm'] as const)('FR-04: %s: while the upgrade is sent', async (kind) => {
    let sent = 0;
    const app = await open(kind, (real) => ({
      ...real,
      run: async (spec) => {
        sent += 1;
        if (sent === 2) await engine.kill();
        return real.run(spec);
      },
    }));
    expect(await perform(app, 'install', settling)).toMatchObject({ done: 'passed' });
    const seen = await perform(app, 'upgrade', settling);
    expect(seen, seen.message).toMatchObject(lost);
    await engine.start();
    expect(await app.remove()).toEqual([]);
  });
});
