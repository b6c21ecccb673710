// Outbound calls: denied unless the host is on the list. The host is read once, by the same parser
// that makes the connection, so that no spelling of an address is read in two ways.

import { request } from 'node:http';
import { isIP, type LookupFunction } from 'node:net';
import type { Faults } from './faults.ts';
import type { Settings } from './read-settings.ts';

export type CallOutcome =
  | { readonly ok: true; readonly status: number; readonly body: string }
  | { readonly ok: false; readonly error: string };

const timeoutMs = 5000;
const bodyMaxCharacters = 64 * 1024;
const redirectsMax = 3;

/** Lower case, without the brackets of an IPv6 address. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/gu, '').toLowerCase();

/** An entry `*.name` stands for every name below it, never for the name itself or one that ends like it. */
const isListed = (host: string, allowlist: readonly string[]): boolean =>
  allowlist.some((entry) =>
    entry.startsWith('*.') ? host.endsWith(entry.slice(1)) : host === entry.toLowerCase(),
  );

function isAllowed(url: URL, { strict, allowlist }: Settings['net'], faults: Faults): boolean {
  const host = hostOf(url);
  if (faults.has('security.net-deny-all')) return false;
  return !strict || isListed(host, allowlist) || isLetThrough(url, allowlist, faults);
}

/** The ways in which such lists are known to leak, each only with its fault. */
function isLetThrough(url: URL, allowlist: readonly string[], faults: Faults): boolean {
  const host = hostOf(url);
  return (
    faults.has('security.net-allow-all') ||
    faults.has('policy.lies-net') ||
    (faults.has('security.net-ip-open') && isIP(host) !== 0) ||
    (faults.has('security.net-suffix-match') && allowlist.some((each) => host.endsWith(each))) ||
    (faults.has('security.net-userinfo') && isListed(url.username, allowlist))
  );
}

export async function callOut(
  address: string,
  { net, faults }: Pick<Settings, 'net' | 'faults'>,
  onDenied: (host: string) => void,
  redirects = 0,
): Promise<CallOutcome> {
  if (!URL.canParse(address)) return { ok: false, error: 'bad_address' };
  const url = new URL(address);
  if (url.protocol !== 'http:') return { ok: false, error: 'unsupported_protocol' };
  if (!isAllowed(url, net, faults)) {
    onDenied(hostOf(url));
    // The fault: what is denied is written down and done all the same.
    if (faults.has('security.net-log-only')) await fetchOnce(url, net);
    return { ok: false, error: 'network_denied' };
  }
  const answer = await fetchOnce(url, net);
  const location = 'error' in answer ? undefined : answer.location;
  if (location === undefined || redirects >= redirectsMax) return outcomeOf(answer);
  const next = new URL(location, url);
  // A redirect is a call of its own, and asks the list again.
  return faults.has('security.net-redirect-followed')
    ? outcomeOf(await fetchOnce(next, net))
    : callOut(next.href, { net, faults }, onDenied, redirects + 1);
}

const outcomeOf = (answer: Fetched): CallOutcome =>
  'error' in answer ? { ok: false, error: answer.error } : { ok: true, ...answer };

type Fetched =
  | { readonly status: number; readonly body: string; readonly location?: string }
  | { readonly error: string };

function fetchOnce(url: URL, { hosts }: Settings['net']): Promise<Fetched> {
  const host = hostOf(url);
  const address = isIP(host) !== 0 ? host : (hosts.get(host) ?? local.get(host));
  if (address === undefined) return Promise.resolve({ error: 'unknown_host' });
  const lookup: LookupFunction = (_name, options, done) => {
    const family = isIP(address);
    if (options.all === true) done(null, [{ address, family }]);
    else done(null, address, family);
  };
  return new Promise((resolve) => {
    const call = request(
      { host: address, port: url.port, path: `${url.pathname}${url.search}`, lookup, agent: false },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body = `${body}${text}`.slice(0, bodyMaxCharacters);
        });
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response;
          const isRedirect = status >= 300 && status < 400 && headers.location !== undefined;
          resolve({ status, body, ...(isRedirect ? { location: headers.location ?? '' } : {}) });
        });
      },
    );
    call.setTimeout(timeoutMs, () => call.destroy(new Error('timeout')));
    call.on('error', (error) => {
      resolve({ error: `unreachable: ${error.message}` });
    });
    call.end();
  });
}

/** This machine's own names; every other name must be among the settings' hosts. */
const local: ReadonlyMap<string, string> = new Map([['localhost', '127.0.0.1']]);
