// HTTP answers that are read as they arrive, and can be cut off at any byte.

import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { HttpStream, HttpStreams } from '../ports/http-stream.ts';
import { WorldError } from '../ports/world-error.ts';

type Asked = Parameters<HttpStreams['open']>[0];

function targetOf(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target?.protocol !== 'http:' && target?.protocol !== 'https:')
    throw new WorldError('refused', `Not an HTTP address: ${url}.`);
  return target;
}

function limits({ url, timeoutMs, signal }: Asked) {
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort();
  }, timeoutMs);
  const both = signal === undefined ? [deadline.signal] : [deadline.signal, signal];
  return {
    signal: AbortSignal.any(both),
    end: () => {
      clearTimeout(timer);
    },
    toError: (error: unknown): WorldError => {
      if (signal?.aborted === true)
        return new WorldError('cancelled', `The request to ${url} was cancelled.`);
      if (deadline.signal.aborted)
        return new WorldError('timeout', `${url} was not done in ${String(timeoutMs)} ms.`);
      const reason = error instanceof Error ? error.message : String(error);
      return new WorldError('network', `The answer of ${url} broke off: ${reason}.`, {
        cause: error,
      });
    },
  };
}

async function open(asked: Asked): Promise<HttpStream> {
  const target = targetOf(asked.url);
  const { signal, end, toError } = limits(asked);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const start = target.protocol === 'https:' ? requestHttps : requestHttp;
      const options = {
        method: asked.method ?? 'GET',
        headers: { ...asked.headers },
        // A connection of its own: cutting it must cut this stream and no other.
        agent: false as const,
        signal,
      };
      const outgoing = start(target, options, resolve);
      outgoing.on('error', reject);
      outgoing.end(asked.body);
    });
    let closed = false;
    return {
      status: response.statusCode ?? 0,
      headers: headersOf(response),
      close: () => {
        closed = true;
        end();
        response.destroy();
      },
      chunks: chunksOf(response, { toError, end, isClosed: () => closed }),
    };
  } catch (error) {
    end();
    throw toError(error);
  }
}

async function* chunksOf(
  response: IncomingMessage,
  {
    toError,
    end,
    isClosed,
  }: {
    readonly toError: (error: unknown) => WorldError;
    readonly end: () => void;
    readonly isClosed: () => boolean;
  },
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    if (!isClosed()) throw toError(error);
  } finally {
    end();
  }
}

const headersOf = (response: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(response.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join('\n') : value]],
    ),
  );

export const systemHttpStreams: HttpStreams = { open };
