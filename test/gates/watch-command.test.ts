// `gates watch` as a command: its reports, a death in the middle, and what it refuses.

import * as fs from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gatesReport } from '../../src/cli/commands/gates-report.ts';
import { gatesWatch } from '../../src/cli/commands/gates-watch.ts';
import { recover } from '../../src/cli/commands/recover.ts';
import { verify } from '../../src/cli/commands/verify.ts';
import { InvalidInput } from '../../src/cli/command.ts';
import { loadWatch } from '../../src/gates/load-watch.ts';
import { runCommand, type Ended } from '../cli/run-command.ts';
import { bytesOf } from './gates-text.ts';
import { documents, watchedFolder, type WatchedFolder } from './watched-folder.ts';

let watched: WatchedFolder;
let server: Server;
let url = '';
beforeEach(async () => {
  watched = watchedFolder();
  server = createServer((request, response) => {
    const document = documents[request.url ?? ''];
    response.writeHead(document === undefined ? 404 : 200).end(JSON.stringify(document));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterEach(() => {
  server.close();
  watched.remove();
});

const watch = (...argv: readonly string[]): Promise<Ended> =>
  runCommand(gatesWatch, ['--quiet', ...argv], watched.around);
const all = ['--data', 'data', '--interval', '1s'];

test('passes, writes both reports, and they come again from the records', async () => {
  const { code, out } = await watch('--for', '1s', '--target', url, ...all);
  expect([code, out]).toEqual([0, expect.stringContaining('verdict: passed, 2 of 2 samples')]);
  const json = await runCommand(gatesReport, ['--json'], watched.around);
  const markdown = await runCommand(gatesReport, [], watched.around);
  expect([json.out, json.code]).toEqual([watched.read('watch_report.json'), 0]);
  expect(markdown.out).toBe(watched.read('watch_report.md'));
  expect((await runCommand(verify, ['--all'], watched.around)).code).toBe(0);
  const html = await runCommand(gatesReport, ['--format', 'html'], watched.around);
  expect([html.code, html.err]).toEqual([2, expect.stringContaining('no report as html')]);
});

test('one that was killed is taken over, with what it had seen', async () => {
  const stop = new AbortController();
  const argv = ['--for', '3s', '--target', url, ...all];
  const killed = await runCommand(gatesWatch, argv, {
    ...watched.around,
    signal: stop.signal,
    onErr: (text) => {
      if (text.includes('sample 1')) stop.abort({ cause: 'SIGTERM', message: 'told to end' });
    },
  });
  expect(killed.code).toBe(143);
  const [run = ''] = fs.readdirSync(join(watched.folder, '.seatrial/runs'));
  // As a death leaves it: without an end, in its journal and in the list.
  for (const name of [`.seatrial/runs/${run}/journal.jsonl`, '.seatrial/runs.jsonl'])
    watched.write(name, `${watched.read(name).split('\n').slice(0, -2).join('\n')}\n`);
  const { code, err } = await watch('--for', '3s', '--target', url, ...all);
  expect([code, err]).toEqual([0, expect.stringContaining('2 samples are there')]);
  const report = JSON.parse(watched.read('watch_report.json')) as object;
  expect(report).toMatchObject({ continues: [{ run }], samples: { due: 4 } });
  expect((await runCommand(recover, [], watched.around)).code).toBe(0);
});

// [argv, what is said]
test.each([
  [['--data', 'data'], '--target is missing'],
  [['--target', 'http://127.0.0.1:1'], '--data is missing'],
  [['--target', 'http://127.0.0.1:1', '--data', 'nowhere'], 'there is no folder'],
  [['--target', 'ftp://x', '--data', 'data'], '--target takes'],
  [['--for', '2', ...all, '--target', 'http://127.0.0.1:1'], '--for takes a time'],
  [['--for', '0s', ...all, '--target', 'http://127.0.0.1:1'], '--for takes a time'],
  [['--interval', '1h', '--data', 'data', '--target', 'http://x'], 'longer than the gap'],
  [['--for', '48h', ...all, '--target', 'http://x'], 'the limit is 9000'],
  [['--config', 'none.yaml'], 'there is no'],
  [['--config', 'a', '--pack', 'b'], 'exclude each other'],
])('%j is a usage error; nothing is written', async (argv, said) => {
  const { code, err } = await watch(...argv);
  expect([code, err]).toEqual([2, expect.stringContaining(said)]);
  expect(fs.existsSync(join(watched.folder, '.seatrial'))).toBe(false);
});

// [watch.yaml, code of the problem]
test.each([
  ['version: 1\nalert: {}\n', 'SC002'],
  ['version: 1\nalerts: {file: ../x}\n', 'GT008'],
  [
    'version: 1\nkernel: false\nmemory: false\nalerts: false\ndlq: false\nhmr_audit: false\n',
    'GT006',
  ],
])('watch.yaml %j is refused with its place', async (text, code) => {
  watched.write('watch.yaml', text);
  await expect(watch('--for', '1s', ...all)).rejects.toThrow(InvalidInput);
  const { problems } = loadWatch('watch.yaml', bytesOf(text));
  expect(problems.map((problem) => problem.code)).toEqual([code]);
});

test('logs alone can be watched, without a system that answers', async () => {
  watched.write(
    'watch.yaml',
    'version: 1\nkernel: false\nmemory: false\ndlq: false\nhmr_audit: false\n',
  );
  expect((await watch('--for', '1s', ...all)).code).toBe(0);
  watched.removeAlerts();
  const { code, out } = await watch('--for', '1s', ...all);
  expect([code, out]).toEqual([3, expect.stringContaining('the log never existed')]);
});
