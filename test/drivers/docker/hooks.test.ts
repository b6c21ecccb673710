import { describe, expect, it } from 'vitest';

import { swarmOrchestrator } from '../../../src/drivers/swarm/orchestrator.ts';
import { engineHost } from './engine-here.ts';
import { openFaulty, perform } from './faulty.ts';
import { runs, smallStack } from './small-stack.ts';

const signal = new AbortController().signal;

describe.skipIf(engineHost === undefined)('hooks in a container', () => {
  it('FR-01: a hook that is due while a stop-first update is in flight waits for the new task', async () => {
    // In the old task it would wait until that one is ended, and fail; the new one writes in its own time.
    const hook = "sh -c 'until grep -q head /release; do sleep 0.1; done; cp /release /data/dump'";
    const deploy = {
      labels: { 'backupbot.backup': 'true', 'backupbot.backup.pre-hook': hook },
      update_config: { order: 'stop-first' as const, monitor: '300ms' },
    };
    const writes = (version: string) => runs(`sleep 1; echo ${version} > /release; sleep 3600`);
    const app = await openFaulty(swarmOrchestrator, {
      stackOf: smallStack({ both: { ...writes('base'), deploy }, head: writes('head') }),
    });
    try {
      const settling = { settleMs: 200, timeoutMs: 60_000 };
      expect(await perform(app, 'install', settling)).toMatchObject({ done: 'passed' });
      // An operation ends when what it sent is up: the next one, whose hook this is, begins after that.
      expect(await perform(app, 'upgrade', settling)).toMatchObject({ done: 'passed' });
      const { hooks } = await app.deployment.backup(signal);
      expect(hooks.map(({ exitCode }) => exitCode)).toEqual([0]);
    } finally {
      expect(await app.remove()).toEqual([]);
    }
  });

  it('FG-15: a dump that fails left of a pipe is a failed hook', async () => {
    const labels = {
      'backupbot.backup': 'true',
      'backupbot.backup.pre-hook': "sh -c 'false | cat > /data/dump'",
      'backupbot.backup.post-hook': 'rm /data/dump',
    };
    const app = await openFaulty(swarmOrchestrator, {
      stackOf: smallStack({ both: { deploy: { labels } } }),
    });
    try {
      const settling = { settleMs: 200, timeoutMs: 30_000 };
      expect(await perform(app, 'install', settling)).toMatchObject({ done: 'passed' });
      const { hooks } = await app.deployment.backup(signal);
      expect(hooks.map(({ exitCode }) => exitCode)).toEqual([1, 0]);
    } finally {
      expect(await app.remove()).toEqual([]);
    }
  });
});
