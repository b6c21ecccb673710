// `--provider FILE`: whether the file may run, and the effects that scripts get from it.

import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Effects, Provider } from '../aether/effects.ts';
import { stripTypes } from '../checks/strip-types.ts';
import { systemFiles } from '../drivers/files.ts';
import { makeProcesses } from '../drivers/process/run.ts';
import { openProvider, type OpenedProvider } from '../drivers/providers/open-provider.ts';
import type { ProviderOrder } from '../drivers/providers/provider-frames.ts';
import { readProviderHost } from '../drivers/providers/read-provider-host.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import { WorldError } from '../ports/world-error.ts';
import { decideProvider, type ProviderDecision } from '../trust/decide-provider.ts';
import { UnusableInput, UsageError, type Terminal, type Values } from './command.ts';
import { openAllowlist } from './open-allowlist.ts';

export type OpenedEffects = { readonly effects: Effects; readonly close: () => Promise<void> };
export type OpenEffects = (signal: AbortSignal) => Promise<OpenedEffects>;

const fileBytesMax = 1 << 20;
const searchPathDefault = '/usr/local/bin:/usr/bin:/bin';

/** Throws a `UsageError` unless the allowlist names this very content. Nothing of it runs yet. */
export async function approveProvider(
  given: string,
  values: Values,
  terminal: Terminal,
  time: Pick<Effects, 'now' | 'timestamp' | 'sleep'>,
): Promise<OpenEffects> {
  if (!/\.(?:mjs|js|ts)$/.test(given))
    throw new UsageError(
      `--provider takes fake or a module (.mjs, .js, .ts), not ${JSON.stringify(given)}`,
    );
  const bytes = await readProvider(resolve(terminal.cwd, given));
  const digest = sha256Hex(bytes);
  const list = await openAllowlist(values, terminal);
  refuse(given, digest, decideProvider(basename(given), digest, list));
  const order = await orderOf(given, bytes, terminal);
  const host = await readProviderHost(stripTypes);
  return (signal) => openEffects(order, host, time, { ...terminal, signal });
}

async function readProvider(path: string): Promise<Uint8Array> {
  try {
    return await systemFiles.read(path, fileBytesMax);
  } catch (error) {
    if (error instanceof WorldError) throw new UsageError(error.message, error.hint);
    throw error;
  }
}

function refuse(given: string, digest: string, { name, reason }: ProviderDecision): void {
  if (reason === undefined) return;
  if (name === undefined)
    throw new UnusableInput(
      `${basename(given)} cannot be named in an allowlist`,
      'name the file in up to 30 small letters, digits and dashes, such as mail-sender.mjs',
    );
  const why = {
    'no-name': '',
    'not-approved': `no line names ${name}`,
    'content-differs': `the line for ${name} is for another content`,
    'not-sandboxed': `the line for ${name} wants a sandbox, and providers have none`,
  }[reason];
  const date = new Date().toISOString().slice(0, 10);
  throw new UnusableInput(
    `the provider ${given} is not allowed to run: ${why}`,
    `once it is read, the allowlist (--trust FILE, default ./trust.allow) needs the line\n` +
      `  ${name}  approved  sha256:${digest}  <your-name>  ${date}  <what you read>`,
  );
}

/** Of the bytes that were digested: the file may have changed since. */
async function orderOf(
  given: string,
  bytes: Uint8Array,
  { cwd }: Pick<Terminal, 'cwd'>,
): Promise<ProviderOrder> {
  const path = await realpath(resolve(cwd, given));
  const url = pathToFileURL(path).href;
  const text = Buffer.from(bytes).toString('utf8');
  if (!given.endsWith('.ts')) return { url, source: text };
  const stripped = await stripTypes(text, path);
  if ('code' in stripped) return { url, source: stripped.code };
  const { line, column, message } = stripped.problem;
  throw new UnusableInput(`${given}:${String(line)}:${String(column)}: ${message}`);
}

/** A process for one script, with a private folder and nothing of this process's environment. */
async function openEffects(
  order: ProviderOrder,
  host: string,
  time: Pick<Effects, 'now' | 'timestamp' | 'sleep'>,
  { cwd, env, node, signal }: Pick<Terminal, 'cwd' | 'env' | 'node' | 'signal'>,
): Promise<OpenedEffects> {
  const home = await mkdtemp(join(tmpdir(), 'seatrial-provider-'));
  const opened = await openProvider(order, {
    processes: makeProcesses({ searchPath: env['PATH'] ?? searchPathDefault }),
    node,
    host,
    cwd,
    env: { PATH: searchPathDefault, LANG: 'C.UTF-8', HOME: home, TMPDIR: home },
    signal,
  });
  return {
    effects: { ...time, ...effectsOf(opened, time) },
    close: async () => {
      await opened.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

function effectsOf(
  { about, call }: OpenedProvider,
  { now }: Pick<Effects, 'now'>,
): Pick<Effects, 'provider' | 'unusable'> {
  if ('unusable' in about) return { unusable: `the provider cannot be used: ${about.unusable}` };
  const provider: Provider = {
    capabilities: new Set(about.capabilities),
    plugins: new Map(Object.entries(about.plugins)),
    isMock: about.isMock,
    call: (name, args, kwargs, { signal, deadline, capabilities }) => {
      const remainingMs = Math.max(0, Math.round(deadline - now()));
      return call({ name, args, kwargs, remainingMs, capabilities }, signal);
    },
  };
  return { provider };
}
