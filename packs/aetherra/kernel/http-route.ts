// Requests and answers of the kernel, and which route answers which request.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseObject, type JsonObject } from './json.ts';

export type Call = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
  /** The last part of the path where the route ends in `*`; empty otherwise. */
  readonly rest: string;
};

/** `sent`: the route has answered by itself, or is doing so. */
export type Reply =
  | { readonly status: number; readonly json: unknown; readonly headers?: Headers }
  | { readonly status: number; readonly text: string; readonly headers?: Headers }
  | 'sent';
type Headers = Readonly<Record<string, string>>;

export type Route = {
  /** `*`: any. */
  readonly method: string;
  /** Exact, or a prefix that ends in `*`. */
  readonly path: string;
  readonly answer: (call: Call) => Reply | Promise<Reply>;
};

export const refusal = (status: number, error: string, more: JsonObject = {}): Reply => ({
  status,
  json: { error, ...more },
});

/** Of the caller; undefined when there is none. */
export function headerOf({ request }: Pick<Call, 'request'>, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

export function bearerOf(call: Pick<Call, 'request'>): string {
  const given = headerOf(call, 'authorization') ?? '';
  return headerOf(call, 'x-aetherra-token') ?? given.replace(/^Bearer /u, '');
}

const bodyMaxBytes = 8 * 1024 * 1024;

export async function answerRequest(
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://kernel');
  const route = routes.find(
    ({ method, path }) => (method === '*' || method === request.method) && fits(path, url.pathname),
  );
  if (route === undefined) {
    send(response, refusal(404, 'not_found'));
    return;
  }
  const text = await readBody(request);
  if (text === undefined) {
    send(response, refusal(413, 'too_large'));
    return;
  }
  const body = text === '' ? {} : parseObject(text);
  if (body === undefined) {
    send(response, refusal(400, 'bad_json'));
    return;
  }
  const rest = route.path.endsWith('*') ? url.pathname.slice(route.path.length - 1) : '';
  const { searchParams: query } = url;
  send(response, await route.answer({ request, response, query, body, rest }));
}

const fits = (path: string, asked: string): boolean =>
  path.endsWith('*') ? asked.startsWith(path.slice(0, -1)) : asked === path;

/** Undefined when it is too large; the rest of it is read and dropped then. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= bodyMaxBytes) chunks.push(chunk);
  }
  return bytes > bodyMaxBytes ? undefined : Buffer.concat(chunks).toString('utf8');
}

export function send(response: ServerResponse, reply: Reply): void {
  if (reply === 'sent' || response.headersSent || response.destroyed) return;
  const isText = 'text' in reply;
  response.writeHead(reply.status, {
    'Content-Type': isText ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json',
    'Cache-Control': 'no-store',
    ...reply.headers,
  });
  // 204 must not have a body, and Node would complain about one.
  response.end(reply.status === 204 ? undefined : isText ? reply.text : JSON.stringify(reply.json));
}
