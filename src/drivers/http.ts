// HTTP as a check needs it: one request, one connection, no redirect followed, bounded in time and size.

import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps, type RequestOptions as SecureOptions } from 'node:https';

import type { Http, HttpRequest, HttpResponse, HttpThrough } from '../ports/http.ts';
import { WorldError } from '../ports/world-error.ts';

const maxBodyBytesDefault = 1024 * 1024;

type Body = { readonly bytes: Uint8Array; readonly truncated: boolean };

async function readBody(response: IncomingMessage, limit: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let kept = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    const room = limit - kept;
    chunks.push(chunk.subarray(0, room));
    kept += Math.min(chunk.length, room);
    if (chunk.length > room) {
      response.destroy();
      return { bytes: new Uint8Array(Buffer.concat(chunks)), truncated: true };
    }
  }
  return { bytes: new Uint8Array(Buffer.concat(chunks)), truncated: false };
}

function headersOf(response: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(response.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join('\n') : value]],
    ),
  );
}

function parseTarget(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target?.protocol !== 'http:' && target?.protocol !== 'https:')
    throw new WorldError('refused', `Not an HTTP address: ${url}.`);
  return target;
}

/** What Node says of a certificate that does not hold, and what it means for whoever reads it. */
const untrusted: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  CERT_REVOKED: 'was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed, as the default one of a proxy is',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name',
  SELF_SIGNED_CERT_IN_CHAIN: 'is of an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'is of an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is of an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is of an authority that is not trusted here',
};
/** Every other reason of OpenSSL has one of these words in its name; alerts and protocol errors have none. */
const ofCertificate = /(?:^|_)CERT(?:_|$)|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH/;

function untrustedBecause(error: unknown): string | undefined {
  const { code = '', message = '' } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  const known = untrusted[code];
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `${known ?? ''} (${message})`;
  return known ?? (ofCertificate.test(code) ? `does not hold (${message})` : undefined);
}

/** One signal for the deadline and the caller; `cause` tells which of them fired. */
function limitTime(timeoutMs: number, signal: AbortSignal | undefined) {
  const deadline = AbortSignal.timeout(timeoutMs);
  return {
    signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    toError: (error: unknown, url: string): WorldError => {
      if (signal?.aborted === true)
        return new WorldError('cancelled', `The request to ${url} was cancelled.`, {
          cause: error,
        });
      if (deadline.aborted)
        return new WorldError('timeout', `${url} did not answer in ${String(timeoutMs)} ms.`, {
          cause: error,
        });
      const distrust = untrustedBecause(error);
      if (distrust !== undefined)
        return new WorldError(
          'untrusted',
          `the certificate shown for ${new URL(url).hostname} ${distrust}`,
          {
            cause: error,
          },
        );
      const reason = error instanceof Error ? error.message : String(error);
      return new WorldError('network', `No answer from ${url}: ${reason}.`, { cause: error });
    },
  };
}

/** Nothing in the environment can turn the verification off: what is said here comes before it. */
const throughProxy = (
  { hostname, protocol }: URL,
  { address, port, authorities }: HttpThrough,
): SecureOptions => ({
  hostname: address,
  port,
  ...(protocol === 'https:' ? { servername: hostname, rejectUnauthorized: true } : {}),
  ...(authorities === undefined ? {} : { ca: authorities }),
});

function send(target: URL, options: RequestOptions, body: HttpRequest['body']) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const start = target.protocol === 'https:' ? requestHttps : requestHttp;
    const outgoing = start(target, options, resolve);
    // Stays after the answer: a connection that breaks later must not become an uncaught exception.
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function request(asked: HttpRequest): Promise<HttpResponse> {
  const target = parseTarget(asked.url);
  const started = performance.now();
  const limits = limitTime(asked.timeoutMs, asked.signal);
  try {
    const options = {
      method: asked.method ?? 'GET',
      headers: { ...(asked.through === undefined ? {} : { host: target.host }), ...asked.headers },
      // No pool: an answer must come from who listens now, not over a connection to who did before.
      agent: false,
      signal: limits.signal,
      ...(asked.through === undefined ? {} : throughProxy(target, asked.through)),
    } satisfies RequestOptions | SecureOptions;
    const response = await send(target, options, asked.body);
    const body = await readBody(response, asked.maxBodyBytes ?? maxBodyBytesDefault);
    return {
      status: response.statusCode ?? 0,
      headers: headersOf(response),
      body: body.bytes,
      truncated: body.truncated,
      durationMs: performance.now() - started,
    };
  } catch (error) {
    throw limits.toError(error, asked.url);
  }
}

/** Certificates are verified against the system's; there is no switch to ignore them. */
export const systemHttp: Http = { request };
