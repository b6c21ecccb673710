// Whether the app came up: all probes hold, the same process lives on, and nobody else listens on
// its ports.

import { connect } from 'node:net';

import type { Convergence } from '../../ports/app-driver.ts';
import { WorldError } from '../../ports/world-error.ts';
import { exitText } from './deploy.ts';
import { type Instance, runBeside, valuesOf } from './instance.ts';
import { assertNotCancelled } from '../exclusively.ts';
import { findMarked } from './kill-tree.ts';
import { listTree, readListeners } from './observe.ts';
import { substitute } from './placeholders.ts';
import { listeningSockets } from './proc.ts';
import type { ProcessProbe } from './settings.ts';

type SettleOptions = {
  readonly settleMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

const pollMs = 50;
/** Probes may be commands: once all hold, asking less often is enough. */
const settledPollMs = 250;
const probeTimeoutMs = 5000;
const probeOutputBytes = 4096;

/** Throws `resource-busy` when a process that is not of this run took the leased port. */
export async function settled(instance: Instance, options: SettleOptions): Promise<Convergence> {
  const { clock } = instance.options;
  const deadline = clock.monotonicMs() + options.timeoutMs;
  let readySince: number | undefined;
  for (;;) {
    assertNotCancelled(options.signal);
    const ended = endedUnit(instance);
    if (ended !== undefined) return ended;
    const missing = await firstMissing(instance, options.signal);
    const now = clock.monotonicMs();
    readySince = missing === undefined ? (readySince ?? now) : undefined;
    if (readySince === now) void readAhead(instance);
    const isStable = readySince !== undefined && now - readySince >= options.settleMs;
    if (isStable || now >= deadline)
      return concludeSettling(instance, isStable, notReady(instance, missing, options));
    const left = readySince === undefined ? undefined : readySince + options.settleMs - now;
    await sleep(instance, Math.min(pauseMs(left), deadline - now), options.signal);
  }
}

const pauseMs = (leftMs: number | undefined): number =>
  leftMs === undefined ? pollMs : Math.min(settledPollMs, leftMs);

/** The time to settle is waiting time: the tree is read in it, so that looking at it later is quick. */
async function readAhead(instance: Instance): Promise<void> {
  // Whoever looks at it later tells what is wrong with it.
  await listTree(instance).catch(() => undefined);
}

/** Probes cannot tell who answered them, so that is asked last. */
function concludeSettling(instance: Instance, isStable: boolean, otherwise: string): Convergence {
  const other = foreignListener(instance) ?? endedUnit(instance);
  if (other !== undefined) return other;
  return isStable ? { state: 'converged', notes: [] } : failed('not-ready', otherwise);
}

const failed = (cause: string, message: string): Convergence => ({
  state: 'failed',
  cause,
  message,
});

async function sleep({ options }: Instance, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await options.clock.sleep(Math.max(1, ms), signal);
  } catch (error) {
    assertNotCancelled(signal);
    throw error;
  }
}

const notReady = (
  { log }: Instance,
  missing: string | undefined,
  { timeoutMs }: SettleOptions,
): string => {
  const why = missing ?? 'it did not stay ready for the settle time';
  return `not ready within ${String(timeoutMs)} ms: ${why}\n${log.lastLines()}`.trim();
};

/** An app that ended is never started again: a crash is a failure, and so is a program that goes away. */
function endedUnit(instance: Instance): Convergence | undefined {
  const { log, state } = instance;
  const { unit } = state;
  if (unit === undefined) return failed('stopped', 'the app was not started');
  if (unit.supervised.running()) return undefined;
  // What it left running is about to be ended by its guardian and explains nothing.
  foreignListener(instance);
  const exit = unit.exit ?? {};
  const how = `the app ended with ${exitText({ exitCode: exit.code, signal: exit.signal })}`;
  const last = log.lastLines();
  if (exit.code === 0)
    return failed('exited', `${how}; it has to stay in the foreground\n${last}`.trim());
  // Reports that have room for one line show the first.
  const why = log.lastError();
  return failed('crash', `${how}${why === undefined ? '' : `: ${why}`}\n${last}`.trim());
}

/**
 * A listener that is not the current app: one that carries the run's mark is an old process that still answers,
 * the app's failure; any other took a port that was leased to this run, the testbed's trouble.
 */
function foreignListener(instance: Instance): Convergence | undefined {
  const foreign = readListeners(instance).filter(({ own }) => !own);
  if (foreign.length === 0) return undefined;
  const { run: marker, work: workFolder } = instance.context;
  const marked = new Set(findMarked({ marker, workFolder }).map(({ pid }) => pid));
  const told = foreign.map(({ port, holder }) => `port ${String(port)}: ${holder}`).join('; ');
  const holders = listeningSockets(foreign.map(({ port }) => port)).flatMap(({ pids }) => pids);
  if (holders.some((pid) => marked.has(pid)))
    return failed('foreign-listener', `a process that is not the current app listens, ${told}`);
  throw new WorldError('resource-busy', `a process outside this run took a leased port, ${told}`);
}

/** What the first probe that does not hold said; undefined when all hold. */
async function firstMissing(instance: Instance, signal: AbortSignal): Promise<string | undefined> {
  const { health, probes } = instance.settings;
  const all: readonly ProcessProbe[] =
    'none' in health ? probes : [...probes, { http: { path: health.path, status: health.status } }];
  for (const probe of all) {
    const answer = await ask(instance, probe, signal);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** Undefined when the probe holds, else its last answer. */
async function ask(
  instance: Instance,
  probe: ProcessProbe,
  signal: AbortSignal,
): Promise<string | undefined> {
  if ('log' in probe)
    return instance.log.hasSeen(probe.log)
      ? undefined
      : `no log line with ${JSON.stringify(probe.log)} yet`;
  if ('tcp' in probe) return askTcp(instance, probe.tcp);
  if ('http' in probe) return askHttp(instance, probe.http, signal);
  const result = await runBeside(instance, probe.exec, {
    timeoutMs: probeTimeoutMs,
    outputLimitBytes: probeOutputBytes,
    signal,
  });
  assertNotCancelled(signal);
  if (result.exitCode === 0) return undefined;
  const output = Buffer.concat([result.stdout, result.stderr]).toString('utf8').trim();
  return `probe ${probe.exec[0]} ended with ${exitText(result)}: ${output}`;
}

/** A port by its name in the manifest, by placeholder, or by number. */
function askTcp(instance: Instance, text: string): Promise<string | undefined> {
  const port = instance.state.ports[text] ?? Number(substitute(text, valuesOf(instance)));
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: probeTimeoutMs });
    const done = (answer: string | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => {
      done(undefined);
    });
    socket.once('timeout', () => {
      done(`port ${String(port)} does not answer`);
    });
    socket.once('error', (error) => {
      done(`port ${String(port)}: ${error.message}`);
    });
  });
}

async function askHttp(
  instance: Instance,
  { path, status }: { readonly path: string; readonly status: readonly number[] },
  signal: AbortSignal,
): Promise<string | undefined> {
  const url = `${baseUrl(instance) ?? ''}${path}`;
  try {
    const request = { url, timeoutMs: probeTimeoutMs, signal };
    const answer = await instance.options.http.request(request);
    return status.includes(answer.status)
      ? undefined
      : `${url} answered ${String(answer.status)}, wanted ${status.join(' or ')}`;
  } catch (error) {
    assertNotCancelled(signal);
    if (error instanceof WorldError) return `${url}: ${error.message}`;
    throw error;
  }
}

/** Without trailing slash; undefined when the app has no port yet, or none at all. */
export function baseUrl({ settings, state }: Instance): string | undefined {
  const { health } = settings;
  const first = Object.values(state.ports)[0];
  const port = 'none' in health ? first : (health.port ?? first);
  if (port === undefined) return undefined;
  const scheme = 'none' in health ? 'http' : health.scheme;
  return `${scheme}://127.0.0.1:${String(port)}`;
}
