// What is asked through a proxy: real TLS servers with certificates of every kind.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { systemHttp } from '../../src/drivers/http.ts';
import type { HttpResponse } from '../../src/ports/http.ts';
import { type Authority, type Certificate, makeAuthority, selfSigned } from './certificates.ts';

let folder: string;
let ours: Authority;
let theirs: Authority;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seatrial-tls-'));
  ours = makeAuthority(folder);
  theirs = makeAuthority(folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const host = 'shop.worker.test';

/** A proxy that shows one certificate to everybody; the host, as it was asked for, is all it says. */
async function ask(shown: Certificate, trusted: 'ours' | 'of the system' = 'ours') {
  const server = createServer({ key: shown.key, cert: shown.cert }, (request, response) => {
    const { servername } = request.socket as unknown as { readonly servername: string | false };
    response.end(`${request.headers.host ?? ''} ${String(servername)}`);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const through = {
    ...{ address: '127.0.0.1', port },
    ...(trusted === 'ours' ? { authorities: ours.pem } : {}),
  };
  try {
    return await systemHttp.request({ url: `https://${host}/`, timeoutMs: 60_000, through });
  } finally {
    server.close();
  }
}

const textOf = ({ body }: HttpResponse): string => new TextDecoder().decode(body);

test.each([host, '*.worker.test'])('a certificate for %s is taken', async (name) => {
  expect(textOf(await ask(ours.sign(name)))).toBe(`${host} ${host}`);
});

test.each<[string, () => Certificate, RegExp]>([
  [
    'the default one of a proxy',
    () => selfSigned(folder, 'a.proxy.default'),
    /self-signed, as the default/,
  ],
  ['one that is self-signed for the right name', () => selfSigned(folder, host), /self-signed/],
  ['one that has ended', () => ours.sign(host, -1), /has expired/],
  [
    'one for another host',
    () => ours.sign('other.worker.test'),
    /for another name.*other\.worker\.test/,
  ],
  ['one for a whole zone further up', () => ours.sign('*.test'), /for another name/],
  ['one for the zone alone', () => ours.sign('worker.test'), /for another name/],
  ['one of another authority', () => theirs.sign(host), /of an authority that is not trusted here/],
])('FG-09: %s is not taken', async (_, make, says) => {
  const asked = ask(make());
  await expect(asked).rejects.toMatchObject({
    code: 'untrusted',
    message: expect.stringMatching(says) as string,
  });
  await expect(asked).rejects.toThrow(`the certificate shown for ${host}`);
});

test('without authorities of its own the system’s are asked, who know nothing of this one', async () => {
  await expect(ask(ours.sign(host), 'of the system')).rejects.toMatchObject({ code: 'untrusted' });
});

test('FG-09: nothing in the environment turns the verification off', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  await expect(ask(selfSigned(folder, host))).rejects.toMatchObject({ code: 'untrusted' });
});

test('a proxy that is not there is no question of trust', async () => {
  const through = { address: '127.0.0.1', port: 1, authorities: ours.pem };
  const asked = systemHttp.request({ url: `https://${host}/`, timeoutMs: 60_000, through });
  await expect(asked).rejects.toMatchObject({ code: 'network' });
});
