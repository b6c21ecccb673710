// A policy names what a sandbox may ask of the world. What no rule allows is denied.

import { parse } from 'yaml';
import { canonicalJson, sha256 } from '../shared/canonical.ts';
import { Failure } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';

export type Rule = { readonly method: string; readonly path: string };

export type Endpoint = {
  readonly host: string;
  readonly port: number;
  readonly protocol: string;
  readonly rules: readonly Rule[];
};

export type PolicyBody = {
  readonly network_policies: Readonly<Record<string, { readonly endpoints: readonly Endpoint[] }>>;
  readonly filesystem_policy: {
    readonly read_only: readonly string[];
    readonly read_write: readonly string[];
  };
};

export type Asked = {
  readonly method: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
};

const sizeLimitBytes = 256 << 10;

/** Throws exit 2 for what is no policy. */
export function parsePolicy(text: string): PolicyBody {
  if (Buffer.byteLength(text) > sizeLimitBytes) throw new Failure(2, 'the policy is too large');
  const value: unknown = parse(text, { maxAliasCount: 0 });
  if (!isPolicy(value)) throw new Failure(2, 'no policy: network_policies must name endpoints');
  const { filesystem_policy: paths } = value;
  return {
    network_policies: value.network_policies,
    filesystem_policy: {
      read_only: paths?.read_only ?? [],
      read_write: mutant('gateway.ignore-paths') ? [] : (paths?.read_write ?? []),
    },
  };
}

type Loose = Omit<PolicyBody, 'filesystem_policy'> & {
  readonly filesystem_policy?: Partial<PolicyBody['filesystem_policy']>;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isPolicy(value: unknown): value is Loose {
  if (!isRecord(value) || !isRecord(value['network_policies'])) return false;
  return Object.values(value['network_policies']).every(
    (each) =>
      isRecord(each) && Array.isArray(each['endpoints']) && each['endpoints'].every(isEndpoint),
  );
}

function isEndpoint(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value['host'] === 'string' &&
    Number.isInteger(value['port']) &&
    Array.isArray(value['rules']) &&
    value['rules'].every(
      (rule) =>
        isRecord(rule) && typeof rule['method'] === 'string' && typeof rule['path'] === 'string',
    )
  );
}

/** Over the meaning, not over the text: comments and key order change nothing. */
export function policyHash(text: string): string {
  return `sha256:${sha256(canonicalJson(parsePolicy(text)))}`;
}

export function isAllowed(policy: PolicyBody, asked: Asked): boolean {
  if (mutant('gateway.allow-all')) return true;
  if (mutant('gateway.deny-all')) return false;
  return Object.values(policy.network_policies).some(({ endpoints }) =>
    endpoints.some(
      ({ host, port, rules }) =>
        host === asked.host && port === asked.port && rules.some((rule) => fits(rule, asked)),
    ),
  );
}

/** A path ends in `**` for everything below it. */
function fits({ method, path }: Rule, asked: Asked): boolean {
  if (method !== '*' && method !== asked.method) return false;
  const [pathname = ''] = asked.path.split('?');
  // What a server may resolve to another path cannot be judged by its text.
  if (/\.\.|%2e|%2f|\\/i.test(pathname)) return false;
  return path.endsWith('**') ? pathname.startsWith(path.slice(0, -2)) : pathname === path;
}
