import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';

import { systemHttp } from '../../src/drivers/http.ts';

let server: Server | undefined;

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error as { code: string }).code,
  );

describe('http', () => {
  it('sends method, headers and body and returns what came', async () => {
    const url = await serve((request, response) => {
      request.on('data', (bytes: Buffer) => {
        response.writeHead(201, {
          'x-method': request.method ?? '',
          'x-a': request.headers['x-a'],
        });
        response.end(bytes);
      });
    });
    const answer = await systemHttp.request({
      url: `${url}/p?q=1`,
      method: 'POST',
      headers: { 'x-a': 'b' },
      body: 'hello',
      timeoutMs: 2000,
    });
    expect(answer.status).toBe(201);
    expect(answer.headers).toMatchObject({ 'x-method': 'POST', 'x-a': 'b' });
    expect(Buffer.from(answer.body).toString()).toBe('hello');
    expect(answer.truncated).toBe(false);
  });

  it('follows no redirect', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: '/x' }).end());
    const answer = await systemHttp.request({ url, timeoutMs: 2000 });
    expect([answer.status, answer.headers['location']]).toEqual([302, '/x']);
  });

  it.each([
    [99, 99, true],
    [100, 100, false],
    [101, 100, false],
  ])('keeps at most %i bytes of 100: %i, cut: %s', async (limit, kept, truncated) => {
    const url = await serve((_, response) => response.end(Buffer.alloc(100)));
    const answer = await systemHttp.request({ url, timeoutMs: 2000, maxBodyBytes: limit });
    expect([answer.body.length, answer.truncated]).toEqual([kept, truncated]);
  });

  it('cuts a body without end', async () => {
    const url = await serve((_, response) => {
      const timer = setInterval(() => response.write(Buffer.alloc(50_000)), 1);
      response.on('close', () => {
        clearInterval(timer);
      });
    });
    const answer = await systemHttp.request({ url, timeoutMs: 5000, maxBodyBytes: 200_000 });
    expect([answer.body.length, answer.truncated]).toEqual([200_000, true]);
  });
});

describe('http trouble', () => {
  it('is late when the head or the rest of the body does not come', async () => {
    const silent = await serve(() => undefined);
    expect(await codeOf(systemHttp.request({ url: silent, timeoutMs: 50 }))).toBe('timeout');
    server?.closeAllConnections();
    const stalled = await serve((_, response) => response.write('a'));
    expect(await codeOf(systemHttp.request({ url: stalled, timeoutMs: 50 }))).toBe('timeout');
  });

  it('tells cancelled from late', async () => {
    const url = await serve(() => undefined);
    const signal = AbortSignal.abort();
    expect(await codeOf(systemHttp.request({ url, timeoutMs: 1000, signal }))).toBe('cancelled');
  });

  it('has no answer from a closed port, a broken connection or nonsense', async () => {
    const closed = await serve(() => undefined);
    server?.close();
    expect(await codeOf(systemHttp.request({ url: closed, timeoutMs: 1000 }))).toBe('network');
    const broken = await serve((request) => request.socket.destroy());
    expect(await codeOf(systemHttp.request({ url: broken, timeoutMs: 1000 }))).toBe('network');
    for (const url of ['ftp://localhost/', 'nonsense'])
      expect(await codeOf(systemHttp.request({ url, timeoutMs: 1000 }))).toBe('refused');
  });

  it('asks who listens now, not who did before', async () => {
    let connections = 0;
    const url = await serve((_, response) => response.end('x'));
    server?.on('connection', () => (connections += 1));
    await systemHttp.request({ url, timeoutMs: 1000 });
    await systemHttp.request({ url, timeoutMs: 1000 });
    expect(connections).toBe(2);
  });
});
