// Where this host has the proxy of its worker, as variables name it. Nothing else of it is a setting: it is always
// asked by TLS, and its certificates are always verified.

import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { HttpThrough } from '../ports/http.ts';
import { UsageError, type Terminal } from './command.ts';

const [where, trusted] = ['SEATRIAL_INGRESS', 'SEATRIAL_INGRESS_CA'] as const;
const httpsPort = 443;
const authoritiesMax = 1 << 20;

/** Undefined where none is named. Throws UsageError for an address or a file that cannot be used. */
export function readIngress(env: Terminal['env']): HttpThrough | undefined {
  const [address, file] = [env[where] ?? '', env[trusted] ?? ''];
  if (address === '' && file === '') return undefined;
  if (address === '')
    throw new UsageError(`${trusted} is set, and ${where} is not`, `${where}=https://ADDRESS:PORT`);
  return {
    ...readAddress(address),
    ...(file === '' ? {} : { authorities: readAuthorities(file) }),
  };
}

function readAddress(address: string): Pick<HttpThrough, 'address' | 'port'> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:' || url.href !== `https://${url.host}/`)
    throw new UsageError(
      `${where}: ${JSON.stringify(address)} is not the address of a proxy`,
      'https://ADDRESS or https://ADDRESS:PORT, and nothing behind it: it is asked for the domain of the app',
    );
  return {
    address: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? httpsPort : Number(url.port),
  };
}

function readAuthorities(file: string): string {
  const text = contentOf(file);
  const all = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (all.length === 0) throw unusable(file, 'it holds no certificate');
  for (const one of all) assertAuthority(file, one);
  return all.join('\n');
}

function contentOf(file: string): string {
  try {
    if (statSync(file).size > authoritiesMax) throw unusable(file, 'it is larger than 1 MiB');
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw unusable(file, error instanceof Error ? error.message : String(error));
  }
}

/** The certificate of a server would be trusted as it is, which verifies nothing about who signed it. */
function assertAuthority(file: string, pem: string): void {
  let authority: boolean;
  try {
    authority = new X509Certificate(pem).ca;
  } catch {
    throw unusable(file, 'it holds something that is no certificate');
  }
  if (!authority) throw unusable(file, 'it holds a certificate that is of no authority');
}

const unusable = (file: string, why: string): UsageError =>
  new UsageError(
    `${trusted}: ${file} cannot be used: ${why}`,
    'a file of PEM certificates: of the authorities that sign what the proxy shows',
  );
