// An authority of a test's own and what it signs, made by OpenSSL while the test runs.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Certificate = { readonly key: string; readonly cert: string };
export type Authority = {
  /** File of its own certificate. */
  readonly file: string;
  readonly pem: string;
  /** `days`: until it ends; one that is negative has ended. */
  readonly sign: (name: string, days?: number) => Certificate;
};

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
let made = 0;

const openssl = (args: readonly string[]): void => {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
};

const read = (key: string, cert: string): Certificate => ({
  key: readFileSync(key, 'utf8'),
  cert: readFileSync(cert, 'utf8'),
});

/** `folder` is the caller's, and goes with it. */
export function makeAuthority(folder: string): Authority {
  const at = (suffix: string): string => join(folder, `${String(made)}.${suffix}`);
  made += 1;
  const [key, file] = [at('key'), at('pem')];
  const subject = ['-subj', '/CN=an authority of tests', '-days', '2'];
  openssl(['req', '-x509', ...newKey, '-keyout', key, '-out', file, ...subject]);
  const sign = (name: string, days = 2): Certificate => {
    made += 1;
    const [own, asked, cert] = [at('key'), at('csr'), at('pem')];
    const about = ['-subj', '/CN=signed', '-addext', `subjectAltName=DNS:${name}`];
    openssl(['req', ...newKey, '-keyout', own, '-out', asked, ...about]);
    const signer = ['-CA', file, '-CAkey', key, '-CAcreateserial', '-copy_extensions', 'copy'];
    openssl(['x509', '-req', '-in', asked, ...signer, '-days', String(days), '-out', cert]);
    return read(own, cert);
  };
  return { file, pem: readFileSync(file, 'utf8'), sign };
}

/** As proxies make them for the names that they have nothing for. */
export function selfSigned(folder: string, name: string): Certificate {
  made += 1;
  const [key, cert] = [
    join(folder, `self${String(made)}.key`),
    join(folder, `self${String(made)}.pem`),
  ];
  const subject = ['-subj', '/CN=PROXY DEFAULT CERT', '-days', '2'];
  const names = ['-addext', `subjectAltName=DNS:${name}`, '-addext', 'basicConstraints=CA:FALSE'];
  openssl(['req', '-x509', ...newKey, '-keyout', key, '-out', cert, ...subject, ...names]);
  return read(key, cert);
}
