// What each name of a recipe's `recipe_meta.py` means as keys of a manifest: coop-cloud.md B.1.

import type { Json, JsonObject } from '../ports/json.ts';
import type { PythonName } from './python-literals.ts';

export type MetaNote = { readonly note: string };
type MetaKeys = { readonly keys: JsonObject };

type Carry = (value: Json) => JsonObject | string;

/** Functions that a hook calls. */
const called = ['EXTRA_ENV', 'UPGRADE_EXTRA_ENV', 'READY_PROBE', 'BACKUP_VERIFY'];

const unused: Readonly<Record<string, string>> = {
  WARM_CANONICAL: 'not used: a warm dependency is declared where it is needed',
  CHAOS_BASE_DEPLOY: 'not used: what is deployed is always the commit that was verified',
  OIDC_AT_INSTALL: 'not used: a hook `prepare` sets up what an install needs',
};

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: Json): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [value];
const texts = (value: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      typeof each === 'string' ? each : JSON.stringify(each),
    ]),
  );

const reasons = (value: Json, reason: string): JsonObject | string => {
  if (isObject(value)) return texts(value);
  const names = list(value);
  return names.every((name) => typeof name === 'string')
    ? Object.fromEntries(names.map((name) => [name, reason]))
    : 'it is no list of operations';
};

function dependency(value: Json): JsonObject | undefined {
  if (typeof value === 'string') return { app: value };
  if (!isObject(value)) return undefined;
  const app = value['recipe'] ?? value['app'] ?? value['name'];
  return typeof app === 'string' ? { app } : undefined;
}

const skipFloor = (value: Json): JsonObject | string => {
  const reason = 'imported from SKIP_GENERIC';
  if (value === true) return { skipFloor: { all: reason } };
  const named = reasons(value === false ? [] : value, reason);
  return typeof named === 'string' ? named : { skipFloor: named };
};

const carries: Readonly<Record<string, Carry>> = {
  HEALTH_PATH: (path) => ({ health: { path } }),
  HEALTH_OK: (status) => ({ health: { status: [...list(status)] } }),
  DEPLOY_TIMEOUT: (deploy) => ({ timeouts: { deploy } }),
  HTTP_TIMEOUT: (http) => ({ timeouts: { http } }),
  EXTRA_ENV: (env) => (isObject(env) ? { env: texts(env) } : 'it is no dict'),
  UPGRADE_EXTRA_ENV: (env) => (isObject(env) ? { upgradeEnv: texts(env) } : 'it is no dict'),
  UPGRADE_BASE_VERSION: (release) => (release === null ? {} : { base: { release } }),
  DEPS: (value) => {
    const dependencies = list(value).map(dependency);
    return dependencies.every((each) => each !== undefined)
      ? { dependencies }
      : 'it names what is no recipe';
  },
  EXPECTED_NA: (value) => {
    const notApplicable = reasons(value, 'imported from EXPECTED_NA');
    return typeof notApplicable === 'string' ? notApplicable : { notApplicable };
  },
  BACKUP_CAPABLE: (value) => ({
    backup: { capable: value === false ? { no: 'imported from BACKUP_CAPABLE' } : true },
  }),
  SKIP_GENERIC: skipFloor,
  SCREENSHOT: (value) => {
    if (value === false || value === null) return { screenshot: 'off' };
    return isObject(value) ? { screenshot: value } : 'a picture is declared by its path';
  },
};

/** The keys that a name gives, or why it gives none. */
export function metaKeys(name: string, found: PythonName): MetaKeys | MetaNote {
  const why = unused[name];
  if (why !== undefined) return { note: why };
  if (found.kind === 'function') {
    if (name === 'BACKUP_VERIFY') return { keys: { backup: { attempts: 3 } } };
    return called.includes(name) ? { keys: {} } : { note: 'a function; not carried over' };
  }
  const carry = carries[name];
  if (carry === undefined) return { note: 'not known here' };
  if (found.kind === 'computed') return { note: 'not written out; not carried over' };
  const keys = carry(found.value);
  return typeof keys === 'string' ? { note: keys } : { keys };
}
