// Docker Engines of the project's own: own data root, exec root, socket and configuration, in a
// network namespace of its own, because a second Swarm on one host fails on its fixed ports and
// because Swarm cannot bind published ports to the loopback. None touches another engine.
//
// The usual one is shared by all tests: never kill or stop it. Who needs one to break starts another
// under a name of its own, and takes it away in the end with all it kept:
//
//   const env = { ...process.env, SEATRIAL_DOCKER_NAME: 'st-upgrade-4711' };
//   const { socket } = await startEngine(env, { daemon: { 'live-restore': true }, swarm: false });
//   await copyImages(usualSocket, socket, ['seatrial-fixture/busybox:1']);   // docker-images.ts
//   await killEngine(env);   // as a crash does; containers go on
//   await startEngine(env);  // as a restart of the service does
//   await removeEngine(env);
//
// From a shell: SEATRIAL_DOCKER_NAME=st-x npm run docker -- up | down | remove.

import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, readStat } from '../src/drivers/process/proc.ts';
import { type EnginePlace, enginePlace } from './docker-place.ts';
import { run } from './steps.ts';

const startMs = 60_000;
const stopMs = 30_000;

export type Engine = { readonly socket: string; readonly started: boolean };

export type EngineOptions = {
  /** More keys of `daemon.json`; they win. */
  readonly daemon?: Readonly<Record<string, unknown>>;
  /** `false`: it is not made a Swarm manager. */
  readonly swarm?: boolean;
};

const must = async (program: string, args: readonly string[]): Promise<void> => {
  const { code, stderr } = await run(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${stderr.trim()}`);
};

/** Starts the engine unless it runs, also after a crash, and makes it a Swarm manager unless it is one. */
export async function startEngine(
  env: NodeJS.ProcessEnv,
  { daemon = {}, swarm = true }: EngineOptions = {},
): Promise<Engine> {
  const place = enginePlace(env);
  const up = (await ping(place.socket)) !== undefined;
  if (!up) {
    await openNamespace(place);
    for (const folder of [place.data, place.run]) mkdirSync(folder, { recursive: true });
    removeStalePids(place.run);
    launch(place, daemon, env);
    await waitFor(async () => (await ping(place.socket)) !== undefined, startMs, place.run);
  }
  if (swarm) await startSwarm(place);
  return { socket: place.socket, started: !up };
}

async function openNamespace({ name, host, engine }: EnginePlace): Promise<void> {
  const listed = await run('ip', ['-json', 'netns', 'list']);
  if (listed.stdout.includes(`"${name}"`)) return;
  const addresses = await run('ip', ['-json', 'address', 'show']);
  if (addresses.stdout.includes(`"${host.address}"`))
    throw new Error(`another engine has ${host.address}: choose another name than ${name}`);
  // A /30 between host and namespace: the namespace has no default route, so nothing reaches out.
  const into = ['-n', name];
  await must('ip', ['netns', 'add', name]);
  await must('ip', ['link', 'add', host.link, 'type', 'veth', 'peer', 'name', engine.link]);
  await must('ip', ['link', 'set', engine.link, 'netns', name]);
  await must('ip', ['address', 'add', `${host.address}/30`, 'dev', host.link]);
  await must('ip', ['link', 'set', host.link, 'up']);
  await must('ip', [...into, 'address', 'add', `${engine.address}/30`, 'dev', engine.link]);
  await must('ip', [...into, 'link', 'set', engine.link, 'up']);
  await must('ip', [...into, 'link', 'set', 'lo', 'up']);
}

const pidFiles = ['docker.pid', 'exec/containerd/containerd.pid'];

/** The engine refuses to start beside the pid file of a dead one, and takes a zombie for alive. */
function removeStalePids(folder: string): void {
  for (const name of pidFiles) {
    const pid = readPid(`${folder}/${name}`);
    if (pid !== undefined && !isEngine(pid)) rmSync(`${folder}/${name}`);
  }
}

/** By name as well: the pid of a dead engine may be another program's by now. */
function isEngine(pid: number): boolean {
  const stat = readStat(pid);
  return isAlive(stat) && ['dockerd', 'containerd'].includes(stat.name);
}

function readPid(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}

function launch(place: EnginePlace, daemon: object, env: NodeJS.ProcessEnv): void {
  const config = `${place.run}/daemon.json`;
  const settings = {
    'data-root': place.data,
    'exec-root': `${place.run}/exec`,
    pidfile: `${place.run}/docker.pid`,
    hosts: [`unix://${place.socket}`],
    'default-address-pools': [{ base: '10.214.0.0/16', size: 24 }],
    'log-driver': 'json-file',
    'log-opts': { 'max-size': '16m', 'max-file': '2' },
    ...daemon,
  };
  writeFileSync(config, `${JSON.stringify(settings, null, 2)}\n`);
  const log = openSync(`${place.run}/docker.log`, 'a');
  // Not `ip netns exec`: that mounts /sys anew and hides the control groups. The dead proxy lets a
  // pull fail at once instead of replacing a local image with one of the same name.
  const child = spawn(
    'nsenter',
    [`--net=/run/netns/${place.name}`, 'dockerd', '--config-file', config],
    {
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        PATH: env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        HTTPS_PROXY: 'http://127.0.0.1:1',
        HTTP_PROXY: 'http://127.0.0.1:1',
      },
    },
  );
  child.unref();
  closeSync(log);
}

async function startSwarm({ socket, engine }: EnginePlace): Promise<void> {
  const info = await ask(socket, 'GET', '/info');
  const { Swarm: swarm } = JSON.parse(info.body) as { Swarm: { LocalNodeState: string } };
  if (swarm.LocalNodeState === 'active') return keepTaskHistory(socket);
  const answer = await ask(socket, 'POST', '/swarm/init', {
    ListenAddr: `${engine.address}:2377`,
    AdvertiseAddr: engine.address,
    DefaultAddrPool: ['10.215.0.0/16'],
    SubnetSize: 24,
  });
  if (answer.status !== 200)
    throw new Error(`the engine refused to become a Swarm: ${answer.body}`);
  await keepTaskHistory(socket);
}

/**
 * Engine 20.10 reads a service's tasks and then looks each one up again when the service is removed;
 * a task that fell out of the history in between ends the whole engine. With an unlimited history
 * none falls out: many stacks come and go at once here, some of them in crash loops.
 */
async function keepTaskHistory(socket: string): Promise<void> {
  const { body } = await ask(socket, 'GET', '/swarm');
  const { Version: version, Spec: spec } = JSON.parse(body) as {
    Version: { Index: number };
    Spec: { Orchestration: { TaskHistoryRetentionLimit: number } };
  };
  if (spec.Orchestration.TaskHistoryRetentionLimit < 0) return;
  const answer = await ask(socket, 'POST', `/swarm/update?version=${String(version.Index)}`, {
    ...spec,
    Orchestration: { TaskHistoryRetentionLimit: -1 },
  });
  if (answer.status !== 200)
    throw new Error(`the engine refused to keep the history of tasks: ${answer.body}`);
}

/** Stops this engine alone, its containers with it. What it holds on disk stays. */
export async function stopEngine(env: NodeJS.ProcessEnv): Promise<boolean> {
  const place = enginePlace(env);
  const runs = await endDaemon(place, 'SIGTERM');
  removeStalePids(place.run);
  // The link goes with its namespace. Absent is what was wanted.
  await run('ip', ['netns', 'delete', place.name]);
  await run('ip', ['link', 'delete', place.host.link]);
  return runs;
}

/** Ends the daemon as a crash would: its containers go on, and `startEngine` finds them again. */
export async function killEngine(env: NodeJS.ProcessEnv): Promise<void> {
  const place = enginePlace(env);
  if (!(await endDaemon(place, 'SIGKILL'))) throw new Error(`no engine ${place.name} ran`);
}

async function endDaemon(place: EnginePlace, signal: NodeJS.Signals): Promise<boolean> {
  const pid = readPid(`${place.run}/docker.pid`);
  if (pid === undefined || !isEngine(pid)) return false;
  process.kill(pid, signal);
  await waitFor(() => Promise.resolve(!isEngine(pid)), stopMs, place.run);
  return true;
}

/** Stops a private engine and deletes everything it ever kept. Absent is success. */
export async function removeEngine(env: NodeJS.ProcessEnv): Promise<void> {
  const place = enginePlace(env);
  if (env['SEATRIAL_DOCKER_NAME'] === undefined)
    throw new Error('only an engine with a name of its own (SEATRIAL_DOCKER_NAME) is removed');
  // Containers of a killed daemon are ended by the next one, which knows them.
  if (await hasProcesses(place)) await startEngine(env, { swarm: false });
  await stopEngine(env);
  for (const folder of [place.run, place.data]) {
    for (const path of await mountsIn(folder)) await must('umount', ['--lazy', path]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Shims of its containers name its folder in their arguments. */
async function hasProcesses({ run: folder }: EnginePlace): Promise<boolean> {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const argv = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (argv.includes(`${folder}/`) && argv.includes('containerd-shim')) return true;
  }
  return false;
}

/** The engine mounts its data root onto itself. */
async function mountsIn(folder: string): Promise<readonly string[]> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  const paths = mounts.split('\n').map((line) => line.split(' ')[1] ?? '');
  return paths.filter((path) => path === folder || path.startsWith(`${folder}/`)).reverse();
}

async function waitFor(holds: () => Promise<boolean>, limitMs: number, folder: string) {
  const deadline = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > deadline)
      throw new Error(`the engine did not answer in time; see ${folder}/docker.log`);
    await sleep(50);
  }
}

/** The engine's version when it answers on the socket. */
export async function ping(socket: string): Promise<string | undefined> {
  try {
    const { status, body } = await ask(socket, 'GET', '/version');
    return status === 200 ? (JSON.parse(body) as { Version: string }).Version : undefined;
  } catch {
    return undefined;
  }
}

export function ask(
  socketPath: string,
  method: string,
  path: string,
  content?: unknown,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const headers = content === undefined ? {} : { 'content-type': 'application/json' };
    const asked = request({ socketPath, method, path, headers, timeout: 60_000 }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => (body += text));
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, body });
      });
      answer.on('error', reject);
    });
    asked.on('timeout', () => asked.destroy(new Error(`${path} was not answered in time`)));
    asked.on('error', reject);
    asked.end(content === undefined ? undefined : JSON.stringify(content));
  });
}
