// A store inside somebody's Node project: what that project is must not change what the app is.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeApp, removeRealApps, runsOf, start, stateOf } from './real-run.ts';

afterAll(removeRealApps);

const server = `const { createServer } = require('node:http');
const port = process.argv[process.argv.indexOf('--port') + 1];
createServer((_, answer) => answer.end('here')).listen(Number(port), '127.0.0.1');
`;

test('an app of CommonJS files runs below a project of ES modules', async () => {
  const app = await makeApp({
    'seatrial.yaml': `seatrial: 1
app: plain
driver: process
source: { directory: releases }
process:
  start: ['{node}', '{release}/main.js', '--port', '{port}']
timeouts: { settle: 1, deploy: 60, http: 30 }
`,
    'releases/1.0.0/main.js': server,
    'releases/2.0.0/main.js': `${server}// 2.0.0\n`,
  });
  await writeFile(join(app.root, 'package.json'), '{"type":"module"}\n');
  const ended = await start(app, ['run', '--quiet']).ended;
  const [id = ''] = await runsOf(app);
  const state = await stateOf(app, id);
  const states = state?.operations.map(({ name, outcome }) => `${name} ${outcome}`);
  expect(states, ended.err).toContain('upgrade done');
});
