import { describe, expect, it } from 'vitest';

import { composeOrchestrator } from '../../../src/drivers/compose/orchestrator.ts';
import { swarmOrchestrator } from '../../../src/drivers/swarm/orchestrator.ts';
import { engineHost } from './engine-here.ts';
import { openFaulty, perform } from './faulty.ts';
import { smallStack } from './small-stack.ts';

const orchestrators = { compose: composeOrchestrator, swarm: swarmOrchestrator };
const signal = new AbortController().signal;
const settling = { settleMs: 200, timeoutMs: 30_000 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const labels = {
  'backupbot.backup': 'true',
  'backupbot.backup.volumes.data.path': 'dump',
  'backupbot.restore.post-hook': 'cp /data/dump/rows /data/loaded',
};

describe.skipIf(engineHost === undefined)('destroying what the backup has', () => {
  it.concurrent.each([
    ['compose', 'paths', 'kept later'],
    ['swarm', 'paths', 'kept later'],
    ['swarm', 'volumes', undefined],
  ] as const)('%s, %s %s', async (kind, destroy, kept) => {
    const app = await openFaulty(orchestrators[kind], {
      stackOf: smallStack({ both: { deploy: { labels } } }),
      settings: { backup: { capable: 'auto', restore: 'auto', destroy } },
    });
    const { deployment } = app;
    const write = (path: string, text: string) => deployment.volumeWrite('data', path, bytes(text));
    const read = async (path: string): Promise<string | undefined> => {
      const found = await deployment.volumeRead('data', path);
      return found === undefined ? undefined : new TextDecoder().decode(found);
    };
    try {
      expect(await perform(app, 'install', settling)).toMatchObject({ done: 'passed' });
      await write('dump/rows', 'at backup');
      await write('dumpster', 'kept at backup');
      const { artifact, captured } = await deployment.backup(signal);
      expect(captured['data']?.map(({ path }) => path)).toEqual(['dump', 'dump/rows']);
      await write('dump/rows', 'later');
      await write('dump/new', 'later');
      await write('dumpster', 'kept later');
      const emptied = await deployment.destroy(signal);
      expect(emptied['data']?.filter(({ path }) => path !== '.')).toEqual([]);
      expect(await read('dumpster')).toBe(kept);
      const { hooks } = await deployment.restore(artifact, signal);
      expect(hooks.map(({ exitCode }) => exitCode)).toEqual([0]);
      expect(await deployment.settled({ ...settling, signal })).toMatchObject({
        state: 'converged',
      });
      expect(await read('dump/rows')).toBe('at backup');
      expect(await read('dump/new')).toBe(undefined);
      expect(await read('loaded')).toBe('at backup');
      expect(await read('dumpster')).toBe(kept);
    } finally {
      expect(await app.remove()).toEqual([]);
    }
  });
});
