// Runs a command as nobody, in a root of its own, without network, within limits. The command is code of a
// change under test: whatever it does, the host, the store and other runs stay as they are.

import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Processes, ProcessResult } from '../../ports/processes.ts';
import type { Sandbox, SandboxResult, SandboxSpec, SandboxState } from '../../ports/sandbox.ts';
import { WorldError } from '../../ports/world-error.ts';
import { openBroker } from './broker.ts';
import { bubblewrapArguments } from './bubblewrap.ts';
import { readCollected, type Collected } from './collected.ts';
import { makeControlGroups, type ControlGroups } from './control-groups.ts';
import { innerCalls, innerProgram, resultLimits } from './inner.ts';
import { sandboxLimits } from './limits.ts';
import { findPython } from './python.ts';
import { seccompFilter } from './seccomp.ts';

export type SandboxSettings = {
  readonly processes: Processes;
  /** The harness's search path, for the sandbox's own programs. */
  readonly path: string;
  readonly home?: string | undefined;
  readonly user: number;
  readonly pid: number;
  readonly architecture: string;
  /** Folder in which control groups are mounted. */
  readonly controlGroups: string;
  /** Existing folder for sockets and the like. */
  readonly work: string;
  /** Never shown, whatever lies around them. */
  readonly hidden: readonly string[];
};

const innerPath = '/usr/local/bin:/usr/bin:/bin';
const unprivilegedPortMin = 1024;
const portOtherwise = 8080;
const channelMax = resultLimits.total + 65_536;
const probeMs = 20_000;

type Ready = Extract<SandboxState, { program: string }> & { readonly perl: string };

export function makeSandbox(settings: SandboxSettings): Sandbox {
  let known: Promise<Ready | { readonly unavailable: string }> | undefined;
  let sequence = 0;
  const ready = () => (known ??= probe(settings));
  const next = () => (sequence += 1);
  return {
    state: async () => {
      const state = await ready();
      if ('unavailable' in state) return state;
      const { program, version, enforcement, kernelUser, limits } = state;
      return { program, version, enforcement, kernelUser, limits };
    },
    addressOf,
    run: async (spec) => {
      const state = await ready();
      if ('unavailable' in state)
        throw new WorldError('unavailable', `no-sandbox: ${state.unavailable}`);
      return enclose(settings, state, { ...spec, sequence: next() });
    },
    python: () => findPython(settings.processes, pathAndHome(settings)),
  };
}

const pathAndHome = ({ path, home }: SandboxSettings): Readonly<Record<string, string>> => ({
  PATH: path,
  ...(home === undefined ? {} : { HOME: home }),
});

/** On the sandbox's loopback, and on the same port where that is free to use: apps name themselves in links. */
function addressOf(url: string): string {
  const { pathname, search } = new URL(url);
  const rest = pathname === '/' && !url.endsWith('/') ? '' : pathname;
  return `http://127.0.0.1:${String(portOf(url))}${rest}${search}`;
}

function portOf(url: string): number {
  const { protocol, port } = new URL(url);
  const own = Number(port);
  return protocol === 'http:' && own >= unprivilegedPortMin ? own : portOtherwise;
}

async function probe(settings: SandboxSettings): Promise<Ready | { readonly unavailable: string }> {
  const { processes, architecture, user } = settings;
  const [program, perl] = await Promise.all([processes.find('bwrap'), processes.find('perl')]);
  if (program === undefined)
    return { unavailable: 'there is no bwrap; Debian package bubblewrap brings it' };
  if (perl === undefined) return { unavailable: 'there is no perl' };
  if (seccompFilter(architecture) === undefined || innerCalls[architecture] === undefined)
    return { unavailable: `the calls of a ${architecture} kernel are not known here` };
  const version = await ask(settings, [program, '--version']);
  const groups = makeControlGroups(settings.controlGroups, { pid: settings.pid, sequence: 0 });
  await groups?.remove();
  const state: Ready = {
    program,
    perl,
    version: version.text.replace(/^bubblewrap /, ''),
    enforcement: groups === undefined ? 'limits' : 'control-groups',
    kernelUser: user === 0 ? 65_534 : user,
    limits: sandboxLimits,
  };
  const why = await tryOut(settings, state);
  return why === undefined ? state : { unavailable: why };
}

/** Why nothing runs, or undefined. */
async function tryOut(settings: SandboxSettings, state: Ready): Promise<string | undefined> {
  const results = await mkdtemp(join(settings.work, 'sandbox-probe-'));
  try {
    const { exitCode } = await enclose(settings, state, {
      ...{ argv: ['/usr/bin/true'], cwd: '/', env: {}, readOnly: [], results },
      ...{ timeoutMs: probeMs, sequence: 0 },
    });
    return exitCode === 0 ? undefined : 'bwrap does not start a program';
  } catch (error) {
    if (error instanceof WorldError) return error.message.replace(/^no-sandbox: /, '');
    throw error;
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}

async function ask(
  settings: SandboxSettings,
  argv: readonly [string, ...string[]],
): Promise<{ readonly text: string }> {
  const { stdout } = await settings.processes.run({
    ...{ argv, cwd: '/', env: pathAndHome(settings), timeoutMs: probeMs, outputLimitBytes: 4096 },
  });
  return { text: Buffer.from(stdout).toString('utf8').trim() };
}

type Call = SandboxSpec & { readonly sequence: number };

async function enclose(
  settings: SandboxSettings,
  ready: Ready,
  call: Call,
): Promise<SandboxResult> {
  const owner = { pid: settings.pid, sequence: call.sequence };
  const groups =
    ready.enforcement === 'control-groups'
      ? makeControlGroups(settings.controlGroups, owner)
      : undefined;
  if (ready.enforcement === 'control-groups' && groups === undefined)
    throw new WorldError('unavailable', 'no-sandbox: its control groups can no longer be made');
  const folder = await mkdtemp(join(settings.work, 'sandbox-'));
  const socket = join(folder, 'app.sock');
  const broker = call.url === undefined ? undefined : await openBroker(call.url, socket);
  try {
    const argv = await commandLine(settings, ready, { call, socket, groups });
    return await watch(settings.processes, call, argv);
  } finally {
    await broker?.close();
    await groups?.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Enters its groups before anything else runs in it. */
const enter =
  'for entrance; do [ "$entrance" = -- ] && break; echo $$ >"$entrance" || exit 125; shift; done; shift; exec "$@"';

async function commandLine(
  settings: SandboxSettings,
  ready: Ready,
  parts: {
    readonly call: Call;
    readonly socket: string;
    readonly groups: ControlGroups | undefined;
  },
): Promise<[string, ...string[]]> {
  const { call, socket, groups } = parts;
  const { url, results, cwd, env, argv } = call;
  const program = await realpath(argv[0]).catch(() => argv[0]);
  const shown = [...call.readOnly, ...(url === undefined ? [] : [socket]), program];
  const root = settings.user === 0;
  const hidden = settings.hidden.filter((path) => path.startsWith('/usr/'));
  const enclosure = bubblewrapArguments({
    ...{ root, results, cwd, hidden },
    env: { PATH: innerPath, LANG: 'C.UTF-8', ...env },
    systemFolders: systemFolders(),
    readOnly: [...new Set(shown)].filter(
      (path) => !path.startsWith('/usr/') || hidden.some((each) => path.startsWith(`${each}/`)),
    ),
  });
  const inner = [
    url === undefined ? '' : String(portOf(url)),
    ...[socket, results, call.channel === true ? '' : '1', root ? '1' : ''],
    (innerCalls[settings.architecture] ?? []).join(','),
    limitsFor(ready, call.timeoutMs),
    seccompFilter(settings.architecture)?.toString('hex') ?? '',
  ];
  return [
    ...['/bin/sh', '-c', enter, 'sh', ...(groups?.entrances ?? []), '--', ready.program],
    ...[...enclosure, ready.perl, '-e', innerProgram, '--', ...inner, program, ...argv.slice(1)],
  ] as [string, ...string[]];
}

/** RLIMIT_CPU, FSIZE, DATA, CORE, NPROC, NOFILE, by their numbers. */
function limitsFor({ enforcement }: Ready, timeoutMs: number): string {
  const { memoryBytes, processes, filesBytes, openFiles } = sandboxLimits;
  const seconds = Math.ceil(timeoutMs / 1000) + 1;
  return [
    ...[`1:${String(filesBytes)}`, '4:0', `6:${String(processes)}`, `7:${String(openFiles)}`],
    ...(enforcement === 'limits' ? [`0:${String(seconds)}`, `2:${String(memoryBytes)}`] : []),
  ].join(',');
}

const systemFolders = () =>
  ['/bin', '/sbin', '/lib', '/lib64', '/lib32'].flatMap((path) => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return [];
    return [stat.isSymbolicLink() ? { path, target: readlinkSync(path) } : { path }];
  });

async function watch(
  processes: Processes,
  call: Call,
  argv: [string, ...string[]],
): Promise<SandboxResult> {
  const flood = new AbortController();
  const written = { stdout: 0, stderr: 0 };
  const signals = [flood.signal, ...(call.signal === undefined ? [] : [call.signal])];
  const result = await processes.run({
    argv,
    cwd: '/',
    // The environment of the first program can be read in the sandbox's /proc.
    env: { PATH: innerPath },
    ...(call.stdin === undefined ? {} : { stdin: call.stdin }),
    ...(call.onChannel === undefined ? {} : { onChannel: call.onChannel }),
    timeoutMs: call.timeoutMs,
    graceMs: call.graceMs ?? 0,
    outputLimitBytes: channelMax,
    signal: AbortSignal.any(signals),
    channel: true,
    onOutput: (stream, bytes) => {
      written[stream] += bytes.length;
      if (written[stream] > sandboxLimits.outputBytes) flood.abort();
    },
  });
  const flooded = flood.signal.aborted;
  const cut = {
    ...result,
    stdout: result.stdout.subarray(0, sandboxLimits.outputBytes),
    stderr: result.stderr.subarray(0, sandboxLimits.outputBytes),
    cancelled: result.cancelled && !flooded,
    flooded,
  };
  return call.channel === true ? cut : { ...cut, ...(await carryOut(call, result)) };
}

/** The end that counts is the one that the first program tells: bwrap's own failures also have a code. */
async function carryOut(
  { results }: Call,
  result: ProcessResult,
): Promise<Pick<ProcessResult, 'exitCode' | 'signal' | 'channel'>> {
  const collected = readCollected(result.channel);
  if (!collected.started && !result.timedOut && !result.cancelled) {
    const said = Buffer.from(result.stderr).toString('utf8').trim().split('\n').at(-1) ?? '';
    throw new WorldError('unavailable', `no-sandbox: ${said.slice(0, 300)}`);
  }
  for (const { name, bytes } of collected.files)
    await writeFile(join(results, name), bytes, { flag: 'wx' });
  return { ...endOf(collected), channel: new Uint8Array() };
}

function endOf({ ended }: Collected): Pick<ProcessResult, 'exitCode' | 'signal'> {
  if (ended === undefined) return { exitCode: undefined, signal: 'SIGKILL' };
  if ('exitCode' in ended) return { exitCode: ended.exitCode, signal: undefined };
  return { exitCode: undefined, signal: `signal ${String(ended.signal)}` };
}
