// The reference's sandbox manager on a real engine.

import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineHost } from '../../drivers/docker/engine-here.ts';
import { makeWorld, type Ended, type ReferenceWorld } from './reference-world.ts';

const image = 'seatrial-fixture/agent:1';
const policy = `network_policies:
  registry: { endpoints: [{ host: registry.test, port: 80, protocol: rest, rules: [{ method: GET, path: /simple/** }] }] }
`;

type Seen = { readonly url: string; readonly authorization: string; readonly body: string };

let world: ReferenceWorld;
let [old, current] = ['', ''];
let endpoint: Server;
let port = 0;
const seen: Seen[] = [];

const openshell = (folder: string, ...args: readonly string[]): Promise<Ended> =>
  world.run(join(folder, 'openshell'), args);
const inSandbox = (...argv: readonly string[]): Promise<Ended> =>
  openshell(current, 'sandbox', 'exec', 'demo', '--', ...argv);

/** The command as an agent would ask: by the sandbox's proxy. */
const fetchIn = (method: string, url: string, body = ''): Promise<Ended> =>
  inSandbox(
    'node',
    '-e',
    `const r=require('http').request({port:3128,method:'${method}',path:'${url}'},a=>{a.setEncoding('utf8').on('data',d=>process.stdout.write(d)).on('end',()=>process.stdout.write(' '+a.statusCode))});r.end('${body}')`,
  );

beforeAll(async () => {
  if (engineHost === undefined) return;
  endpoint = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const authorization = request.headers.authorization ?? '';
      seen.push({ url: request.url ?? '', authorization, body });
      response.end('answered');
    });
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  ({ port } = endpoint.address() as AddressInfo);
  world = makeWorld({
    DOCKER_HOST: engineHost,
    OPENSHELL_HOSTS: `registry.test:80=127.0.0.1:${String(port)}`,
    PLANTED_KEY: 'planted-credential-1',
  });
  old = await world.release('openshell', 'old');
  current = await world.release('openshell', 'current');
  writeFileSync(join(world.root, 'policy.yaml'), policy);
});
afterAll(async () => {
  if (engineHost === undefined) return;
  await openshell(current, 'gateway', 'remove');
  endpoint.close();
  world.remove();
});

const stateFile = (): string =>
  join(world.home, '.local/state/nemoclaw/openshell-docker-gateway/state.json');
const state = (): Record<string, unknown> =>
  JSON.parse(readFileSync(stateFile(), 'utf8')) as Record<string, unknown>;

// One life of one gateway, told in order.
const told = describe.skipIf(engineHost === undefined);

told('a sandbox', () => {
  test('without a gateway ends with 5', async () => {
    expect(await openshell(old, 'status')).toMatchObject({ code: 5 });
  });

  test('0.0.36 makes a sandbox that is ready and has no network', async () => {
    await openshell(old, 'gateway', 'start');
    const file = join(world.root, 'policy.yaml');
    const made = ['--name', 'demo', '--from', image, '--policy', file];
    expect(await openshell(old, 'sandbox', 'create', ...made)).toMatchObject({ code: 0 });
    expect(await openshell(old, 'sandbox', 'create', ...made)).toMatchObject({ code: 4 });
    expect((await openshell(old, 'sandbox', 'list')).stdout).toBe('demo\tready\n');
    expect((await inSandbox('sh', '-c', 'ls /sys/class/net; id -u')).stdout).toBe('lo\n998\n');
  });

  test('gives the exit code of what it runs', async () => {
    expect(await inSandbox('sh', '-c', 'echo out; echo err >&2; exit 7')).toEqual({
      code: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(await inSandbox('nosuch')).toMatchObject({ code: 125 });
    expect(await openshell(old, 'sandbox', 'exec', 'absent', '--', 'true')).toMatchObject({
      code: 3,
    });
  });

  test.each([
    ['GET', 'http://registry.test/simple/a', 'answered 200'],
    ['POST', 'http://registry.test/simple/a', 'policy_denied'],
    ['GET', 'http://registry.test/other', 'policy_denied'],
    ['GET', 'http://registry.test/simple/../other', 'policy_denied'],
    ['GET', 'http://registry.test/simple/%2e%2e/other', 'policy_denied'],
    ['GET', 'http://other.test/simple/a', 'policy_denied'],
    ['GET', 'http://registry.test:81/simple/a', 'policy_denied'],
  ])('%s %s: %s', async (method, url, said) => {
    expect((await fetchIn(method, url)).stdout).toContain(said);
  });
});

told('a gateway', () => {
  test('fills in credentials on the way out, and keeps only their hash', async () => {
    await openshell(old, 'provider', 'create', 'fake', '--credential', 'PLANTED_KEY');
    const url = `http://127.0.0.1:${String(port)}/v1`;
    await openshell(old, 'inference', 'set', '--endpoint', url, '--provider', 'fake');
    expect((await fetchIn('POST', 'http://inference.local/v1/x', 'hello')).stdout).toBe(
      'answered 200',
    );
    const [last] = seen.slice(-1);
    expect(last).toEqual({
      url: '/v1/x',
      authorization: 'Bearer planted-credential-1',
      body: 'hello',
    });
    expect(readFileSync(stateFile(), 'utf8')).not.toContain('planted-credential-1');
  });

  test('0.0.44 leaves an old gateway alone until it may replace it', async () => {
    const before = readFileSync(stateFile());
    const answer = await openshell(current, 'gateway', 'start');
    expect(answer).toMatchObject({ code: 4, stderr: expect.stringContaining('stale') as string });
    expect(readFileSync(stateFile())).toEqual(before);
  });

  test('the sandbox lives through the replacement, with everything that was known', async () => {
    const container = (await inSandbox('cat', '/proc/sys/kernel/random/boot_id', '/proc/1/stat'))
      .stdout;
    const before = readFileSync(stateFile());
    expect(await openshell(current, 'gateway', 'start', '--replace')).toMatchObject({ code: 0 });
    expect((await openshell(current, 'status', '--json')).stdout).toContain('"version":"0.0.44"');
    expect(state()).toMatchObject({ schema: 2, migratedFrom: 1, providers: [{ name: 'fake' }] });
    expect(readFileSync(`${stateFile()}.v1.bak`)).toEqual(before);
    const start = (text: string) => text.split(' ')[21];
    const after = (await inSandbox('cat', '/proc/sys/kernel/random/boot_id', '/proc/1/stat'))
      .stdout;
    expect(start(after)).toBe(start(container));
    await until(
      async () => (await openshell(current, 'sandbox', 'list')).stdout === 'demo\tready\n',
    );
    expect((await fetchIn('GET', 'http://registry.test/simple/a')).stdout).toBe('answered 200');
  });

  test('the current gateway also fills in bodies', async () => {
    await fetchIn('POST', 'http://inference.local/v1/x', 'k=openshell:resolve:env:PLANTED_KEY;');
    expect(seen.at(-1)).toMatchObject({ body: 'k=planted-credential-1;' });
    await fetchIn('POST', 'http://inference.local/v1/x', 'k=openshell:resolve:env:HOME;');
    expect(seen.at(-1)).toMatchObject({ body: 'k=openshell:resolve:env:HOME;' });
  });
});

told('a forwarded port', () => {
  const serve =
    "require('node:http').createServer((_, a) => a.end('from inside')).listen(9000, '127.0.0.1', () => console.log('up'))";

  test('leads to a port of the sandbox, until it is ended', async () => {
    const quietly = `(node -e "${serve}" > /tmp/serve.log 2>&1 &) ; until [ -s /tmp/serve.log ]; do sleep 0.05; done`;
    expect(await inSandbox('sh', '-c', quietly)).toMatchObject({ code: 0 });
    const forwarding = spawn(join(current, 'openshell'), ['forward', 'demo', '0:9000'], {
      env: { PATH: process.env['PATH'], HOME: world.home, XDG_RUNTIME_DIR: world.root },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const address = await firstLine(forwarding.stdout);
      const url = `http://${address.replace('forwarding ', '')}/`;
      expect(await (await fetch(url)).text()).toBe('from inside');
      expect(await (await fetch(url)).text()).toBe('from inside');
      const ended = new Promise((resolve) => forwarding.once('exit', resolve));
      forwarding.kill('SIGTERM');
      expect(await ended).toBe(0);
      await expect(fetch(url)).rejects.toThrow();
    } finally {
      forwarding.kill('SIGKILL');
    }
  });

  test.each([['demo'], ['demo', '9000'], ['demo', 'x:9000']])('%s %s: usage', async (...args) => {
    expect(await openshell(current, 'forward', ...args)).toMatchObject({ code: 2 });
  });
});

told('the current gateway', () => {
  test('a sandbox is made beside another and takes its place', async () => {
    const beside = ['--name', 'demo', '--from', image, '--beside'];
    expect(await openshell(current, 'sandbox', 'create', ...beside)).toMatchObject({ code: 0 });
    expect(await openshell(current, 'sandbox', 'promote', 'demo')).toMatchObject({ code: 0 });
    const names = (await openshell(current, 'sandbox', 'list')).stdout;
    expect(names).toBe('demo\tready\ndemo@old\tready\n');
    expect(await openshell(current, 'sandbox', 'delete', 'demo@old')).toMatchObject({ code: 0 });
  });

  test('policies are read back as they are, and their hash is over what they mean', async () => {
    const file = join(world.root, 'again.yaml');
    writeFileSync(file, `# A comment.\n${policy}`);
    const set = await openshell(current, 'policy', 'set', 'demo', '--policy', file, '--wait', '5');
    expect(set).toMatchObject({ code: 0 });
    const { stdout } = await openshell(current, 'policy', 'get', '--full', 'demo');
    expect(stdout).toMatch(/^Version: 2\nHash: sha256:[0-9a-f]{64}\n---\nnetwork_policies:\n/);
    expect(stdout).toContain('path: /simple/**');
    writeFileSync(file, 'network_policies: [1]');
    expect(await openshell(current, 'policy', 'set', 'demo', '--policy', file)).toMatchObject({
      code: 2,
    });
  });

  test('a sandbox that cannot start leaves nothing', async () => {
    const made = ['--name', 'broken', '--from', image, '--', 'sh', '-c', 'exit 3'];
    expect(await openshell(current, 'sandbox', 'create', ...made)).toMatchObject({ code: 1 });
    expect((await openshell(current, 'sandbox', 'list')).stdout).not.toContain('broken');
  });

  test('a state of an unknown schema is refused, and left as it is', async () => {
    await openshell(current, 'gateway', 'stop');
    const kept = readFileSync(stateFile(), 'utf8');
    writeFileSync(stateFile(), kept.replace('"schema": 2', '"schema": 3'));
    const refused = await openshell(current, 'gateway', 'start');
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('schema 3') as string,
    });
    writeFileSync(stateFile(), kept);
    expect(await openshell(current, 'gateway', 'start')).toMatchObject({ code: 0 });
  });
});

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return text.trim();
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('it never came to be');
}
