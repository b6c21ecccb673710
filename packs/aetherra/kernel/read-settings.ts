// The environment as typed settings. A value that means nothing stops the start: a default in its
// place would be a promise that nobody made.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readFaults, type Faults } from './faults.ts';
import { readScript, type EngineScript } from './engine-script.ts';
import { SettingsError } from './settings-error.ts';

export type Settings = ReturnType<typeof readSettings>;
type Env = Readonly<Record<string, string | undefined>>;

const allowlistDefault = 'localhost,127.0.0.1,::1,*.aetherra.dev';
const mebibyte = 1024 * 1024;

export function readSettings(argv: readonly string[], env: Env) {
  const profile = oneOf(env, 'AETHERRA_PROFILE', ['test', 'dev', 'prod']);
  const faults = readFaults(env['SEATRIAL_KERNEL_FAULTS'] ?? '', profile);
  const data = resolve(option(argv, '--data') ?? '.');
  return {
    ...{ profile, faults, data },
    port: wholeNumber(option(argv, '--port') ?? '0', '--port', { min: 0, max: 65_535 }),
    quiet: isOn(env, 'AETHERRA_QUIET'),
    ai: aiSettings(env),
    replay: {
      maxEvents: number(env, 'AETHERRA_SSE_REPLAY_MAX_EVENTS', 4096, { min: 1, max: 1e6 }),
      maxAgeMs: number(env, 'AETHERRA_SSE_REPLAY_MAX_AGE_S', 600, { min: 1, max: 86_400 }) * 1000,
    },
    agents: {
      enabled: isOn(env, 'AETHERRA_AGENTS_API_ENABLED'),
      requireToken: isOn(env, 'AETHERRA_AGENTS_API_REQUIRE_TOKEN'),
      token: env['AETHERRA_AGENTS_API_TOKEN'] ?? '',
    },
    net: {
      strict: isOn(env, 'AETHERRA_NET_STRICT', true),
      allowlist: list(env['AETHERRA_NETWORK_ALLOWLIST'] ?? allowlistDefault),
      hosts: hostsOf(env['SEATRIAL_KERNEL_HOSTS'] ?? ''),
    },
    dp: dpSettings(env, faults),
    qfac: {
      mode: oneOf(env, 'AETHERRA_QFAC_MODE', ['hybrid', 'classical', 'quantum']),
      backend: oneOf(env, 'SEATRIAL_QFAC_BACKEND', ['absent', 'present']),
    },
    hmr: hmrSettings(env, data),
    lyrixa: { enabled: isOn(env, 'AETHERRA_LYRIXA_ENABLED', true) },
    dlq: {
      enabled: isOn(env, 'AETHERRA_KERNEL_DLQ', true),
      path: pathIn(data, env['AETHERRA_KERNEL_DLQ_PATH'] ?? '.aetherra/kernel_dlq.jsonl'),
    },
    queues: {
      high_priority: queueSize(env, 'HIGH'),
      normal_priority: queueSize(env, 'NORMAL'),
      background: queueSize(env, 'BACKGROUND'),
    },
    alertsPath: join(data, '.aetherra/security/alerts.jsonl'),
    controlToken: env['AETHERRA_HUB_CONTROL_TOKEN'] ?? '',
  };
}

function aiSettings(env: Env) {
  return {
    enabled: isOn(env, 'AETHERRA_AI_API_ENABLED', true),
    stream: isOn(env, 'AETHERRA_AI_API_STREAM', true),
    requireToken: isOn(env, 'AETHERRA_AI_API_REQUIRE_TOKEN'),
    /** Several, separated by commas: each is a principal of its own. */
    tokens: list(env['AETHERRA_AI_API_TOKEN'] ?? ''),
    safetyMode: oneOf(env, 'AETHERRA_CHAT_SAFETY_MODE', ['strict', 'balanced', 'open']),
    maxTokens: number(env, 'AETHERRA_CHAT_MAX_TOKENS', 512, { min: 1, max: 1e6 }),
    temperature: decimal(env, 'AETHERRA_CHAT_TEMPERATURE', 0.2, { min: 0, max: 2 }),
    script: scriptOf(env['SEATRIAL_ENGINE_SCRIPT']),
  };
}

function dpSettings(env: Env, faults: Faults): { enabled: boolean; epsilon: number | null } {
  if (!isOn(env, 'AETHERRA_DP_ENABLED')) return { enabled: false, epsilon: null };
  const text = env['AETHERRA_DP_EPSILON'] ?? '';
  const epsilon = Number(text);
  if (text.trim() !== '' && Number.isFinite(epsilon) && epsilon > 0)
    return { enabled: true, epsilon };
  if (faults.has('policy.dp-lenient')) return { enabled: true, epsilon: 1 };
  throw new SettingsError('AETHERRA_DP_EPSILON must be a finite number above 0.');
}

function hmrSettings(env: Env, data: string) {
  return {
    enabled: isOn(env, 'AETHERRA_HMR_ENABLED'),
    strict: isOn(env, 'AETHERRA_HMR_STRICT', true),
    allowed: list(env['AETHERRA_HMR_ALLOWED_SOURCES'] ?? ''),
    auditPath: pathIn(data, env['AETHERRA_HMR_AUDIT_PATH'] ?? '.aetherra/hmr_audit.jsonl'),
    maxBytes: number(env, 'AETHERRA_HMR_AUDIT_MAX_BYTES', 5 * mebibyte, { min: 256, max: 1e12 }),
    maxBackups: number(env, 'AETHERRA_HMR_AUDIT_MAX_BACKUPS', 3, { min: 0, max: 1000 }),
    quiesceMs: 30_000,
  };
}

const queueSize = (env: Env, name: string): number =>
  number(env, `AETHERRA_KERNEL_QSIZE_${name}`, 1000, { min: 1, max: 1e6 });

const pathIn = (data: string, path: string): string => resolve(data, path);

const list = (text: string): readonly string[] =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');

/** `name=address` pairs: the only names there are besides those of this machine. */
const hostsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    list(text).map((pair) => {
      const [name = '', address = ''] = pair.split('=');
      return [name.toLowerCase(), address];
    }),
  );

function scriptOf(text: string | undefined): EngineScript {
  if (text === undefined || text === '') return readScript('{}');
  return readScript(text.trimStart().startsWith('{') ? text : readFileSync(text, 'utf8'));
}

function option(argv: readonly string[], name: string): string | undefined {
  const at = argv.indexOf(name);
  if (at === -1) return undefined;
  const value = argv[at + 1];
  if (value === undefined) throw new SettingsError(`${name} needs a value.`);
  return value;
}

function isOn(env: Env, name: string, otherwise = false): boolean {
  const value = env[name]?.toLowerCase() ?? '';
  if (value === '') return otherwise;
  if (['1', 'true', 'yes', 'on'].includes(value)) return true;
  if (['0', 'false', 'no', 'off'].includes(value)) return false;
  throw new SettingsError(`${name} is neither on nor off.`);
}

function oneOf<const Word extends string>(
  env: Env,
  name: string,
  words: readonly [Word, ...Word[]],
): Word {
  const value = env[name] ?? '';
  if (value === '') return words[0];
  const found = words.find((word) => word === value);
  if (found === undefined) throw new SettingsError(`${name} must be one of ${words.join(', ')}.`);
  return found;
}

type Bounds = { readonly min: number; readonly max: number };

const number = (env: Env, name: string, otherwise: number, bounds: Bounds): number =>
  wholeNumber(env[name] ?? String(otherwise), name, bounds);

function wholeNumber(text: string, name: string, { min, max }: Bounds): number {
  const value = /^\d{1,15}$/u.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new SettingsError(`${name} must be a whole number from ${String(min)} to ${String(max)}.`);
}

function decimal(env: Env, name: string, otherwise: number, { min, max }: Bounds): number {
  const value = Number(env[name] ?? String(otherwise));
  if (value >= min && value <= max) return value;
  throw new SettingsError(`${name} must be a number from ${String(min)} to ${String(max)}.`);
}
