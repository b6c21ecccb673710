// T10 of the pack as it is run: on an engine of its own, each check passed, nothing left.

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openProblemReport } from '../../../src/cli/load-manifest.ts';
import { openPack } from '../../../src/cli/open-pack.ts';
import { runPack } from '../../../src/cli/run-pack.ts';
import { findMarked } from '../../../src/drivers/process/kill-tree.ts';
import { captureTerminal } from '../../cli/captured-terminal.ts';
import { engineHost } from '../../drivers/docker/engine-here.ts';

const hasEngine = (process.env['PATH'] ?? '')
  .split(delimiter)
  .some((each) => existsSync(join(each, 'dockerd')));
const here = process.getuid?.() === 0 && hasEngine && engineHost !== undefined;

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'seatrial-spark-'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

describe.skipIf(!here)('the Spark install', () => {
  test('passes, and ends its engine', async () => {
    const env = {
      SEATRIAL_LOCKS: join(root, 'locks'),
      SEATRIAL_DOCKER_HOST: engineHost ?? '',
      PATH: process.env['PATH'] ?? '',
    };
    const terminal = captureTerminal({ env });
    const pack = await openPack(resolve('packs/nemoclaw'), openProblemReport(terminal, false));
    const { state, run } = await runPack(
      {
        ...{ pack, scenario: 'spark-install', store: join(root, 'store') },
        ...{ waitMs: 1000, maxLifetimeMs: 600_000 },
      },
      terminal,
    );
    const red = state.checks.filter(({ verdict }) => verdict !== 'passed');
    expect(red.map(({ id, verdict, message }) => [id, verdict, message])).toEqual([]);
    expect(state.checks.filter(({ id }) => id.startsWith('installer.spark.'))).toHaveLength(9);
    expect(state.verdict).toBe('passed');
    expect(state.undos.filter(({ outcome }) => outcome !== 'restored')).toEqual([]);
    expect(findMarked({ marker: run })).toEqual([]);
    expect(existsSync(state.started.work)).toBe(false);
  }, 600_000);
});
