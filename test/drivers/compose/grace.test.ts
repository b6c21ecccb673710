// A container is given the time to stop that its service asks for, before its volumes are emptied.

import * as fs from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { composeOrchestrator } from '../../../src/drivers/compose/orchestrator.ts';
import { makeEngine } from '../../../src/drivers/docker/engine.ts';
import type { Instance } from '../../../src/drivers/docker/instance.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** An engine with two containers, one of which has ended; what it is told is kept. */
async function engineThatListens() {
  const folder = fs.mkdtempSync(join(tmpdir(), 'seatrial-grace-'));
  const told: string[] = [];
  const server = createServer(({ method = '', url = '' }, answer) => {
    if (method !== 'GET') told.push(`${method} ${url.replace(/^\/v[\d.]+/, '')}`);
    answer.end(
      method === 'GET'
        ? JSON.stringify([
            { Id: 'up', State: 'running', Names: [] },
            { Id: 'over', State: 'exited', Names: [] },
          ])
        : '',
    );
  });
  const socket = join(folder, 'engine.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const engine = makeEngine(`unix://${socket}`);
  ends.push(() => {
    engine.close();
    server.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return { engine, told };
}

test.each([
  ['none', {}, 10],
  ['less than Compose gives', { stop_grace_period: '1s' }, 10],
  ['more', { stop_grace_period: '1m30s' }, 90],
])('of a service that asks for %s', async (_, asked, seconds) => {
  const { engine, told } = await engineThatListens();
  const stack = { name: 's', services: { app: { image: 'i', ...asked }, side: { image: 'i' } } };
  const instance = { engine, state: { deployed: { stack } } } as unknown as Instance;
  await composeOrchestrator.scaleDown(instance, new AbortController().signal);
  expect(told).toEqual([
    `POST /containers/up/stop?t=${String(seconds)}`,
    'DELETE /containers/up?v=true&force=true',
    'DELETE /containers/over?v=true&force=true',
  ]);
});
