import { describe, expect, it } from 'vitest';

import { swarmOrchestrator } from '../../../src/drivers/swarm/orchestrator.ts';
import { engineHost } from './engine-here.ts';
import { openFaulty, perform } from './faulty.ts';
import { smallStack } from './small-stack.ts';

const signal = new AbortController().signal;

describe.skipIf(engineHost === undefined)('hooks in a container', () => {
  it('a dump that fails left of a pipe is a failed hook', async () => {
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
