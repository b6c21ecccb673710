import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describePackage } from '../../src/cli/app-folder.ts';
import { initManifest } from '../../src/scenario/init.ts';
import { captureTerminal } from './captured-terminal.ts';

const version = { name: 'counter', version: '1.2.0', bin: { counter: 'cli.js' } };
const document = {
  name: 'counter',
  'dist-tags': { latest: '1.2.0' },
  versions: { '1.2.0': version },
};

let server: Server;
beforeAll(async () => {
  server = createServer((request, response) => {
    const known = request.url?.startsWith('/counter') === true;
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(known ? document : { error: 'Not found' }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterAll(() => {
  server.close();
});

const at = (port: number) =>
  captureTerminal({
    env: {
      npm_config_registry: `http://127.0.0.1:${String(port)}/`,
      npm_config_fetch_retries: '0',
      npm_config_userconfig: '/nonexistent/npmrc',
      npm_config_cache: '/nonexistent/cache',
    },
  });
const here = () => at((server.address() as AddressInfo).port);

test('a published package is described with its bin, and no folder is its head', async () => {
  const described = await describePackage('counter', here());
  const { text } = initManifest(described);
  expect(text).toContain('"{release}/node_modules/counter/cli.js"');
  expect(text).not.toContain('dir:.');
});

test('a version may be named', async () => {
  expect(await describePackage('counter@1.2.0', here())).toMatchObject({ name: 'counter' });
});

test.each<[string, () => ReturnType<typeof here>, string]>([
  ['zzz-unknown', here, 'not-found'],
  ['Not A Name', here, 'refused'],
  ['--registry=http://evil.example', here, 'refused'],
  ['counter', () => at(9), 'network'],
])('%s: what went wrong is told apart', async (name, terminal, code) => {
  await expect(describePackage(name, terminal())).rejects.toMatchObject({ code });
});
