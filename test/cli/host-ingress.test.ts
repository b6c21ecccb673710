import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { UsageError } from '../../src/cli/command.ts';
import { readIngress } from '../../src/cli/host-ingress.ts';
import { type Authority, makeAuthority } from '../drivers/certificates.ts';

let folder: string;
let authority: Authority;
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seatrial-ingress-'));
  authority = makeAuthority(folder);
  writeFileSync(at('empty'), 'nothing of that kind\n');
  writeFileSync(at('garbled'), '-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n');
  writeFileSync(at('server'), authority.sign('shop.worker.test').cert);
  writeFileSync(at('large'), 'x'.repeat((1 << 20) + 1));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each<[string | undefined, object | undefined]>([
  [undefined, undefined],
  ['', undefined],
  ['https://10.0.0.1', { address: '10.0.0.1', port: 443 }],
  ['https://proxy.example:8443/', { address: 'proxy.example', port: 8443 }],
  ['https://[fd00::1]:8443', { address: 'fd00::1', port: 8443 }],
])('%s is a proxy at %o', (value, want) => {
  expect(readIngress({ SEATRIAL_INGRESS: value })).toEqual(want);
});

test('its authorities are those of the file', () => {
  const env = { SEATRIAL_INGRESS: 'https://10.0.0.1', SEATRIAL_INGRESS_CA: authority.file };
  expect(readIngress(env)?.authorities?.trim()).toBe(authority.pem.trim());
});

test.each([
  '10.0.0.1:443',
  'http://10.0.0.1',
  'https://a/b',
  'https://u:p@a',
  'https://a?b',
  'https://',
])('%s is no address of a proxy', (value) => {
  expect(() => readIngress({ SEATRIAL_INGRESS: value })).toThrow(UsageError);
});

test.each<[string, RegExp]>([
  ['absent', /ENOENT/],
  ['empty', /no certificate/],
  ['garbled', /no certificate/],
  ['server', /of no authority/],
  ['large', /larger than 1 MiB/],
])('a file of authorities that is %s is told before anything is done', (name, says) => {
  const env = { SEATRIAL_INGRESS: 'https://10.0.0.1', SEATRIAL_INGRESS_CA: at(name) };
  expect(() => readIngress(env)).toThrow(says);
});

test('authorities without a proxy are no half of a setting', () => {
  expect(() => readIngress({ SEATRIAL_INGRESS_CA: authority.file })).toThrow(
    /SEATRIAL_INGRESS is not/,
  );
});
