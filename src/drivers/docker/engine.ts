// A client of the Docker Engine's HTTP interface on its unix socket. Answers are bounded; an engine
// that is gone, also in the middle of a call, is a WorldError. Why not a library: ADR 9.

import { Agent, request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

import type { Json, JsonObject } from '../../ports/json.ts';
import { WorldError, type WorldErrorCode } from '../../ports/world-error.ts';

/** Of the interface; spoken by engines from 20.10 on. */
const apiVersion = 'v1.41';
const timeoutMsDefault = 60_000;
const answerMaxBytes = 32 * 1024 * 1024;

export type EngineCall = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  /** Below the version, with its query: see `query`. */
  readonly path: string;
  readonly json?: JsonObject;
  /** A tar archive. */
  readonly body?: NodeJS.ReadableStream | Uint8Array;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** States that are no failure, besides 2xx: `not-found` 404, `unchanged` 304, `conflict` 409. */
  readonly allow?: readonly number[];
};

export type EngineAnswer = { readonly status: number; readonly value: Json };

export type Engine = {
  readonly socket: string;
  /** JSON answers; an empty one is null. */
  readonly call: (call: EngineCall) => Promise<EngineAnswer>;
  /** The answer as it comes: archives, logs, events. Ends with the caller's signal. */
  readonly stream: (call: EngineCall) => Promise<IncomingMessage>;
  readonly close: () => void;
};

/** `unix:///path` or a path. */
export function makeEngine(host: string): Engine {
  if (host.includes('://') && !host.startsWith('unix://'))
    throw new WorldError('refused', `${host} is not a unix socket`, {
      hint: 'Backups and faults need the engine of this host: SEATRIAL_DOCKER_HOST=unix:///…',
    });
  const socketPath = host.replace(/^unix:\/\//, '');
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const stream = (call: EngineCall) => send({ socketPath, agent }, call);
  return {
    socket: socketPath,
    stream,
    call: async (call) => {
      const answer = await stream(call);
      const body = await readText(answer, call);
      return { status: answer.statusCode ?? 0, value: parse(body, call) };
    },
    close: () => {
      agent.destroy();
    },
  };
}

type Place = { readonly socketPath: string; readonly agent: Agent };

async function send(place: Place, call: EngineCall): Promise<IncomingMessage> {
  const answer = await begin(place, call);
  const status = answer.statusCode ?? 0;
  if ((status >= 200 && status < 300) || call.allow?.includes(status) === true) return answer;
  throw refusal(call, status, await readText(answer, call));
}

function begin({ socketPath, agent }: Place, call: EngineCall): Promise<IncomingMessage> {
  const { method = 'GET', path, json, body, timeoutMs = timeoutMsDefault, signal } = call;
  const type = json === undefined ? 'application/x-tar' : 'application/json';
  const content = json === undefined ? body : JSON.stringify(json);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ socketPath, agent, method, path: `/${apiVersion}${path}` },
        headers: { host: 'docker', ...(content === undefined ? {} : { 'content-type': type }) },
        ...(signal === undefined ? {} : { signal }),
      },
      (answer) => {
        asked.setTimeout(0);
        resolve(answer);
      },
    );
    asked.setTimeout(timeoutMs, () => {
      asked.destroy(new WorldError('timeout', `the engine did not answer ${method} ${path}`));
    });
    asked.on('error', (error) => {
      reject(toWorldError(error, call));
    });
    if (content === undefined || typeof content === 'string' || content instanceof Uint8Array)
      asked.end(content);
    else content.on('error', (error: Error) => asked.destroy(error)).pipe(asked);
  });
}

const nameOf = ({ method = 'GET', path }: EngineCall): string =>
  `${method} ${path.split('?', 1)[0] ?? path}`;

function toWorldError(error: unknown, call: EngineCall): WorldError {
  if (error instanceof WorldError) return error;
  if (call.signal?.aborted === true)
    return new WorldError('cancelled', 'the operation was cancelled', { cause: error });
  const reason = error instanceof Error ? error.message : String(error);
  return new WorldError('unavailable', `the engine is gone: ${nameOf(call)}: ${reason}`, {
    cause: error,
    hint: 'Is the engine running? `npm run docker -- up` starts one; SEATRIAL_DOCKER_HOST names another.',
  });
}

async function readText(answer: IncomingMessage, call: EngineCall): Promise<string> {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > answerMaxBytes)
      answer.destroy(new WorldError('limit', `the engine answered ${nameOf(call)} with too much`));
  });
  try {
    return await text(answer);
  } catch (error) {
    throw toWorldError(error, call);
  }
}

function parse(body: string, call: EngineCall): Json {
  if (body.trim() === '') return null;
  try {
    return JSON.parse(body) as Json;
  } catch (cause) {
    throw new WorldError('io', `the engine answered ${nameOf(call)} with no JSON`, { cause });
  }
}

const codes: Readonly<Record<number, WorldErrorCode>> = {
  400: 'refused',
  403: 'refused',
  404: 'not-found',
  409: 'resource-busy',
  503: 'unavailable',
};

function refusal(call: EngineCall, status: number, body: string): WorldError {
  const message = messageOf(body);
  const code = message.includes('no space left') ? 'disk-full' : (codes[status] ?? 'io');
  return new WorldError(code, `the engine refused ${nameOf(call)}: ${message}`);
}

function messageOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string') return message.slice(0, 2000);
  } catch {
    // Not all refusals are JSON: then the text itself is the message.
  }
  return body.trim().slice(0, 2000);
}

/** `{a: 1, filters: {label: ['x']}}` as the interface wants it: objects as JSON, undefined left out. */
export function query(values: Readonly<Record<string, Json | undefined>>): string {
  const parts = Object.entries(values).flatMap(([key, value]) =>
    value === undefined
      ? []
      : [`${key}=${encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value))}`],
  );
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}
