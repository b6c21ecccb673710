// A request as a gates file writes it, sent to the gate's target.

import { sha256Hex } from '../evidence/canonical.ts';
import type { HttpRequest, HttpResponse } from '../ports/http.ts';
import type { JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import { text, type AskContext } from './ask.ts';
import type { Method, Request } from './check-schema.ts';
import { fill, fillAll } from './placeholders.ts';

const bodyMaxBytes = 4 * 1024 * 1024;
/** What of a body facts show; the whole is its evidence file. */
const shownCharacters = 2000;

export function httpRequest(
  request: Request,
  { url, values, requestTimeoutMs, signal }: AskContext,
  extra: Readonly<Record<string, string>> = {},
): HttpRequest {
  const [method, path] = methodOf(request);
  const { body } = request;
  const isText = typeof body === 'string';
  const filled = fillAll(body, values);
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).map(([name, value]) => [name, fill(value, values)]),
  );
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return {
    method: method.toUpperCase(),
    url: addressOf(fill(path, values), url),
    headers: {
      ...(body === undefined || isText || hasType ? {} : { 'content-type': 'application/json' }),
      ...headers,
      ...extra,
    },
    ...(body === undefined ? {} : { body: isText ? (filled as string) : JSON.stringify(filled) }),
    timeoutMs: request.timeout === undefined ? requestTimeoutMs : request.timeout * 1000,
    signal,
  };
}

function methodOf(request: Request): readonly [Method, string] {
  for (const method of ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'] as const) {
    const path = request[method];
    if (path !== undefined) return [method, path];
  }
  throw new Error('a request without a method');
}

export function addressOf(path: string, url: string | undefined): string {
  if (/^https?:\/\//u.test(path)) return path;
  if (url === undefined)
    throw new WorldError('unavailable', 'The gate has no target to ask.', {
      hint: 'Declare `target` in the gates file, or give --target URL.',
    });
  return `${url}${path}`;
}

export const sendRequest = (
  request: Request,
  context: AskContext,
  extra?: Readonly<Record<string, string>>,
): Promise<HttpResponse> =>
  context.world.http.request({
    ...httpRequest(request, context, extra),
    maxBodyBytes: bodyMaxBytes,
  });

/** An answer as facts: what a report shows and what `details` may point to. */
export function answerFacts(response: HttpResponse, document: unknown): JsonObject {
  const body = text(response.body);
  return {
    status: response.status,
    headers: response.headers,
    ...(document === undefined
      ? { text: body.slice(0, shownCharacters) }
      : { json: document as JsonObject }),
    bytes: response.body.length,
    sha256: sha256Hex(response.body),
  };
}

export const statusFault = (
  status: number,
  wanted: number | readonly number[] | undefined,
): readonly string[] =>
  wanted === undefined || [wanted].flat().includes(status)
    ? []
    : [`the status is ${String(status)}, not ${[wanted].flat().join(' or ')}`];
