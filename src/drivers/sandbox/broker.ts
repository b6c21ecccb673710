// The one way out of a sandbox: a server on a socket that asks the app, always the app, whatever host a
// request names. It speaks HTTP and not TCP, because a proxy in front of the app serves others by name.

import {
  createServer,
  request as askPlain,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { request as askSecure } from 'node:https';
import { chmod } from 'node:fs/promises';
import { once } from 'node:events';

export type Broker = { readonly close: () => Promise<void> };

const connectionsMax = 32;
const bodyMax = 16 * 1024 ** 2;
const answerMax = 64 * 1024 ** 2;
const requestMs = 30_000;
/** Between two programs only, and not those two: RFC 9110, 7.6.1. */
const hopHeaders = [
  'connection',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** `socket` must lie in a folder that nobody else can enter. */
export async function openBroker(url: string, socket: string): Promise<Broker> {
  const target = new URL(url);
  const server = createServer({ requestTimeout: requestMs }, (request, response) => {
    forward(target, request, response);
  });
  server.maxConnections = connectionsMax;
  // CONNECT and upgrades would be a tunnel past all of the above.
  for (const event of ['connect', 'upgrade'])
    server.on(event, (_request, stream: { destroy: () => void }) => {
      stream.destroy();
    });
  server.listen(socket);
  await once(server, 'listening');
  // The sandbox's user is another one; the folder around it keeps the rest of the host out.
  await chmod(socket, 0o666);
  return {
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function forward(target: URL, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? '/';
  if (!path.startsWith('/')) {
    refuse(response, 400, 'ask for a path of the app');
    return;
  }
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => !hopHeaders.includes(name)),
  );
  const asking = (target.protocol === 'https:' ? askSecure : askPlain)({
    host: target.hostname.replace(/^\[|\]$/g, ''),
    port: target.port,
    method: request.method,
    path,
    headers: { ...headers, host: target.host },
    timeout: requestMs,
  });
  asking.on('timeout', () => asking.destroy(new Error('timeout')));
  asking.on('error', () => {
    refuse(response, 502, 'the app does not answer');
  });
  asking.on('response', (answer) => {
    const kept = Object.entries(answer.headers).filter(([name]) => !hopHeaders.includes(name));
    response.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept));
    bounded(answer, answerMax, () => asking.destroy());
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  bounded(request, bodyMax, () => asking.destroy(new Error('too much')));
  request.pipe(asking);
  response.on('close', () => asking.destroy());
}

function bounded(stream: IncomingMessage, limit: number, end: () => void): void {
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limit) end();
  });
}

function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { 'content-type': 'text/plain' }).end(`${message}\n`);
}
