import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { makeEngine } from '../../../src/drivers/docker/engine.ts';
import { blameOf, refusalOf } from '../../../src/drivers/docker/refusal.ts';

// As the programs and engines of 20.10 to 28 say it.
const said: readonly [string, string | undefined][] = [
  [
    'Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?',
    'unavailable',
  ],
  ['error during connect: Post "http://%2Fx.sock/v1.41/services/create": EOF', 'unavailable'],
  [
    'Error response from daemon: rpc error: code = Unavailable desc = transport is closing',
    'unavailable',
  ],
  ['Error response from daemon: The swarm does not have a leader.', 'unavailable'],
  [
    'failed to create service x_app: Error response from daemon: network x_default not found',
    'unavailable',
  ],
  ["docker: 'compose' is not a docker command.", 'unavailable'],
  ['permission denied while trying to connect to the Docker daemon socket', 'permission'],
  ['write /var/lib/docker/tmp/x: no space left on device', 'disk-full'],
  [
    'driver failed programming external connectivity: Bind for 0.0.0.0:80 failed: port is already allocated',
    'resource-busy',
  ],
  [
    "rpc error: code = InvalidArgument desc = port '80' is already in use by service 'x'",
    'resource-busy',
  ],
  ['rpc error: code = Unknown desc = update out of sequence', 'foreign-change'],
  ['toomanyrequests: You have reached your pull rate limit', 'network'],
  ['secret not found: db_password', undefined],
  ['OCI runtime create failed: exec: "nope": executable file not found in $PATH', undefined],
  ['invalid mount config for type "bind": bind source path does not exist: /x', undefined],
  ['services.app.deploy.replicas must be a integer', undefined],
];

test.each(said)('FR-04: %s', (message, code) => {
  expect(blameOf(message)).toBe(code);
});

const refused = { exitCode: 1, said: 'secret not found: db_password' };

test('what is no trouble of the testbed is the app’s only while the engine is well', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'seatrial-refusal-'));
  const socket = join(folder, 'engine.sock');
  const server = createServer((_asked, answer) => answer.end('{}'));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const engine = makeEngine(socket);
  try {
    expect(await refusalOf(engine, 'docker', refused)).toMatchObject({ code: 'app-failed' });
    for (const exitCode of [126, 127, 137, undefined])
      expect(await refusalOf(engine, 'docker', { ...refused, exitCode })).toMatchObject({
        code: 'unavailable',
      });
    engine.close();
    await new Promise((resolve) => server.close(resolve));
    expect(await refusalOf(engine, 'docker', refused)).toMatchObject({ code: 'unavailable' });
  } finally {
    engine.close();
    await rm(folder, { recursive: true });
  }
});
