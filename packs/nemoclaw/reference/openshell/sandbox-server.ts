// The gateway's side of one sandbox: a socket in the folder that is mounted into its container. The
// sandbox has no network, so what is not answered here is not answered at all.

import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { appendFileSync, chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fillBody, fillHeader, protocols } from './features-current.ts';
import { inferenceHost, type Model, type Sandbox } from './model.ts';
import { isAllowed, parsePolicy, type Asked } from './policy.ts';

export type Hello = { readonly at: number; readonly protocol: number };

export type SandboxWorld = {
  readonly model: () => Model;
  readonly sandbox: () => Sandbox | undefined;
  readonly resolve: (credential: string) => string | undefined;
  /** Where a host of the world is reached, if not by its own name: `host:port` to `address:port`. */
  readonly hosts: ReadonlyMap<string, string>;
  readonly hello: (hello: Hello) => void;
  readonly log: string;
};

const bodyLimitBytes = 4 << 20;

export type SandboxServer = { readonly close: () => void };

export function serveSandbox(folder: string, world: SandboxWorld): Promise<SandboxServer> {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const path = join(folder, 'gateway.sock');
  rmSync(path, { force: true });
  const server = createServer((request, response) => {
    answer(world, request, response).catch((error: unknown) => {
      refuse(response, 502, error instanceof Error ? error.message : String(error));
    });
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o666);
      resolve({
        close: () => {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}

function refuse(response: ServerResponse, status: number, error: string): void {
  if (!response.headersSent) response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify({ error })}\n`);
}

async function answer(
  world: SandboxWorld,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await read(request);
  if (request.url === '/hello') {
    answerHello(world, body, response);
    return;
  }
  const url = new URL(request.url ?? '');
  const method = request.method ?? 'GET';
  const port = Number(url.port === '' ? '80' : url.port);
  const asked: Asked = { method, host: url.hostname, port, path: `${url.pathname}${url.search}` };
  const target = targetOf(world, asked);
  log(world, { ...asked, isAllowed: target !== undefined });
  if (target === undefined) refuse(response, 403, 'policy_denied');
  else await pass(world, { asked, target, request, body }, response);
}

function answerHello(world: SandboxWorld, body: Buffer, response: ServerResponse): void {
  const { protocol } = JSON.parse(body.toString('utf8')) as { readonly protocol?: unknown };
  if (typeof protocol !== 'number' || !protocols.includes(protocol)) {
    refuse(response, 426, `this gateway does not speak protocol ${String(protocol)}`);
    return;
  }
  world.hello({ at: Date.now(), protocol });
  response.end('{}\n');
}

type Target = { readonly base: string; readonly provider?: string };

/** Undefined for what the policy denies. */
function targetOf(world: SandboxWorld, asked: Asked): Target | undefined {
  if (asked.host === inferenceHost) {
    const route = world.model().routes.find(({ host }) => host === inferenceHost);
    if (route === undefined) return undefined;
    const { endpoint, provider } = route;
    return { base: endpoint, ...(provider === undefined ? {} : { provider }) };
  }
  const sandbox = world.sandbox();
  if (sandbox === undefined || !isAllowed(parsePolicy(sandbox.policy.text), asked))
    return undefined;
  const place = `${asked.host}:${String(asked.port)}`;
  return { base: `http://${world.hosts.get(place) ?? place}` };
}

type Passed = {
  readonly asked: Asked;
  readonly target: Target;
  readonly request: IncomingMessage;
  readonly body: Buffer;
};

function pass(world: SandboxWorld, passed: Passed, response: ServerResponse): Promise<void> {
  const { asked, target, body } = passed;
  const sent = fillBody(body, world.resolve);
  const headers = outgoing(world, passed, sent.length);
  const base = target.base.replace(/\/$/, '');
  // An endpoint's address ends in /v1, and so do the paths that agents ask.
  const path = base.endsWith('/v1') ? asked.path.replace(/^\/v1(?=\/|$)/, '') : asked.path;
  return new Promise((resolve, reject) => {
    const onward = ask(`${base}${path}`, { method: asked.method, headers }, (told) => {
      response.writeHead(told.statusCode ?? 502, told.headers);
      told.pipe(response);
      told.on('end', resolve);
      told.on('error', reject);
    });
    onward.on('error', reject);
    onward.setTimeout(30_000, () => onward.destroy(new Error('the endpoint does not answer')));
    onward.end(sent);
  });
}

function outgoing(
  world: SandboxWorld,
  { target, request }: Passed,
  length: number,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (!['host', 'connection', 'content-length', 'proxy-connection'].includes(name))
      headers[name] = fillHeader(String(value), world.resolve);
  if (length > 0) headers['content-length'] = String(length);
  const provider = world.model().providers.find(({ name }) => name === target.provider);
  const value = provider === undefined ? undefined : world.resolve(provider.credential);
  if (value !== undefined) headers['authorization'] = `Bearer ${value}`;
  return headers;
}

function read(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyLimitBytes) request.destroy(new Error('the request is too large'));
      else chunks.push(chunk);
    });
    request.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
    request.on('error', reject);
  });
}

function log(
  world: SandboxWorld,
  { path, ...asked }: Asked & { readonly isAllowed: boolean },
): void {
  const [pathname = ''] = path.split('?');
  const line = { at: new Date().toISOString(), sandbox: world.sandbox()?.name, ...asked };
  const told = { ...line, path: pathname, verdict: asked.isAllowed ? 'allowed' : 'policy_denied' };
  appendFileSync(world.log, `${JSON.stringify(told)}\n`);
}
