// The gateway: a process on the host, the only way out of every sandbox.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildInfo } from '../shared/build-info.ts';
import { Failure, messageOf } from '../shared/failure.ts';
import { startProgram } from '../shared/program.ts';
import { writeBeside, writeJson } from '../shared/write-beside.ts';
import { answerCall, type Arguments } from './calls.ts';
import { execInContainer } from './exec-in-container.ts';
import { foldersOf } from './folders.ts';
import { adoptSandboxes, type Gateway } from './gateway.ts';
import { stateSchema } from './state-current.ts';
import { openStore, sandboxNamed } from './store.ts';

const bodyLimitBytes = 1 << 20;

async function main(): Promise<number> {
  const folders = foldersOf();
  mkdirSync(folders.state, { recursive: true, mode: 0o700 });
  mkdirSync(folders.run, { recursive: true, mode: 0o755 });
  const gateway: Gateway = {
    folders,
    store: openStore(folders.state),
    startedAt: new Date().toISOString(),
    hellos: new Map(),
    servers: new Map(),
    values: new Map(),
    hosts: hostsFrom(process.env['OPENSHELL_HOSTS'] ?? ''),
  };
  await adoptSandboxes(gateway);
  const server = createServer((request, response) => {
    answer(gateway, request, response).catch((error: unknown) => {
      const exitCode = error instanceof Failure ? error.exitCode : 1;
      send(response, 400, { exitCode, message: messageOf(error) });
    });
  });
  const ended = new Promise<number>((resolve) => {
    server.on('close', () => {
      resolve(0);
    });
  });
  const stop = (): void => {
    close(gateway, server);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  await listen(server, gateway);
  return ended;
}

/** `name:port=address:port`, separated by commas: where names of the world are reached. */
function hostsFrom(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(',').filter((each) => each.includes('='));
  return new Map(pairs.map((each) => each.split('=', 2) as [string, string]));
}

async function listen(server: Server, { folders, startedAt }: Gateway): Promise<void> {
  rmSync(folders.socket, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(folders.socket, resolve);
  });
  chmodSync(folders.socket, 0o600);
  const { version } = buildInfo;
  const told = {
    pid: process.pid,
    startedAt,
    version,
    schema: stateSchema,
    socket: folders.socket,
  };
  writeJson(join(folders.state, 'gateway.json'), told);
  writeBeside(join(folders.state, 'openshell-gateway.pid'), `${String(process.pid)}\n`);
}

function close({ servers, folders }: Gateway, server: Server): void {
  for (const each of servers.values()) each.close();
  rmSync(join(folders.state, 'openshell-gateway.pid'), { force: true });
  server.close();
  // The answer to the one who asked for the end still has to go out.
  setTimeout(() => {
    server.closeAllConnections();
  }, 200).unref();
}

async function answer(
  gateway: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://gateway');
  if (url.pathname === '/exec') {
    const { searchParams } = url;
    const { container } = sandboxNamed(gateway.store.model(), searchParams.get('name') ?? '');
    const argv = searchParams.getAll('arg');
    execInContainer(
      { container, user: searchParams.get('user') ?? 'sandbox', argv },
      request,
      response,
    );
    return;
  }
  const args = await readJson(request);
  if (url.pathname === '/stop') {
    send(response, 200, null);
    process.kill(process.pid, 'SIGTERM');
    return;
  }
  send(response, 200, await answerCall(gateway, url.pathname.slice(1), args));
}

async function readJson(request: IncomingMessage): Promise<Arguments> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += String(chunk);
    if (body.length > bodyLimitBytes) throw new Failure(2, 'the request is too large');
  }
  return body === '' ? {} : (JSON.parse(body) as Arguments);
}

function send(response: ServerResponse, status: number, value: unknown): void {
  if (!response.headersSent) response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(value)}\n`);
}

void startProgram('openshell-gateway', main);
