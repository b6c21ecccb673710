// A Docker Engine of the project's own: own data root, exec root, socket and configuration, in a
// network namespace of its own, because a second Swarm on one host fails on its fixed ports and
// because Swarm cannot bind published ports to the loopback. It never touches another engine.

import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync, closeSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, readStat } from '../src/drivers/process/proc.ts';
import { run } from './steps.ts';

/** The whole engine lies below these; `SEATRIAL_DOCKER_ROOT` and `SEATRIAL_DOCKER_RUN` move them. */
export const engineFolders = (env: NodeJS.ProcessEnv) => ({
  data: env['SEATRIAL_DOCKER_ROOT'] ?? '/var/lib/seatrial-docker',
  run: env['SEATRIAL_DOCKER_RUN'] ?? '/run/seatrial-docker',
});

const namespace = 'seatrial';
/** A /30 between host and namespace: the namespace has no default route, so nothing in it reaches out. */
const [hostAddress, engineAddress] = ['10.213.77.1', '10.213.77.2'];
const startMs = 60_000;
const stopMs = 30_000;

export type Engine = { readonly socket: string; readonly started: boolean };

const must = async (program: string, args: readonly string[]): Promise<void> => {
  const { code, stderr } = await run(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${stderr.trim()}`);
};

/** Starts the engine unless it runs, and makes it a Swarm manager unless it is one. */
export async function startEngine(env: NodeJS.ProcessEnv): Promise<Engine> {
  const folders = engineFolders(env);
  const socket = `${folders.run}/docker.sock`;
  const up = (await ping(socket)) !== undefined;
  if (!up) {
    await openNamespace();
    for (const folder of [folders.data, folders.run]) mkdirSync(folder, { recursive: true });
    removeStalePids(folders.run);
    launch(folders, env);
    await waitFor(async () => (await ping(socket)) !== undefined, startMs, folders.run);
  }
  await startSwarm(socket);
  return { socket, started: !up };
}

async function openNamespace(): Promise<void> {
  const listed = await run('ip', ['-json', 'netns', 'list']);
  if (listed.stdout.includes(`"${namespace}"`)) return;
  await must('ip', ['netns', 'add', namespace]);
  await must('ip', ['link', 'add', 'seatrial0', 'type', 'veth', 'peer', 'name', 'seatrial1']);
  await must('ip', ['link', 'set', 'seatrial1', 'netns', namespace]);
  await must('ip', ['address', 'add', `${hostAddress}/30`, 'dev', 'seatrial0']);
  await must('ip', ['link', 'set', 'seatrial0', 'up']);
  await must('ip', ['-n', namespace, 'address', 'add', `${engineAddress}/30`, 'dev', 'seatrial1']);
  await must('ip', ['-n', namespace, 'link', 'set', 'seatrial1', 'up']);
  await must('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
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

function launch(folders: ReturnType<typeof engineFolders>, env: NodeJS.ProcessEnv): void {
  const config = `${folders.run}/daemon.json`;
  const settings = {
    'data-root': folders.data,
    'exec-root': `${folders.run}/exec`,
    pidfile: `${folders.run}/docker.pid`,
    hosts: [`unix://${folders.run}/docker.sock`],
    'default-address-pools': [{ base: '10.214.0.0/16', size: 24 }],
    'log-driver': 'json-file',
    'log-opts': { 'max-size': '16m', 'max-file': '2' },
  };
  writeFileSync(config, `${JSON.stringify(settings, null, 2)}\n`);
  const log = openSync(`${folders.run}/docker.log`, 'a');
  // Not `ip netns exec`: that mounts /sys anew and hides the control groups. The dead proxy lets a
  // pull fail at once instead of replacing a local image with one of the same name.
  const child = spawn(
    'nsenter',
    [`--net=/run/netns/${namespace}`, 'dockerd', '--config-file', config],
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

async function startSwarm(socket: string): Promise<void> {
  const info = await ask(socket, 'GET', '/info');
  const { Swarm: swarm } = JSON.parse(info.body) as { Swarm: { LocalNodeState: string } };
  if (swarm.LocalNodeState === 'active') return;
  const answer = await ask(socket, 'POST', '/swarm/init', {
    ListenAddr: `${engineAddress}:2377`,
    AdvertiseAddr: engineAddress,
    DefaultAddrPool: ['10.215.0.0/16'],
    SubnetSize: 24,
    // Every removed stack leaves the records of its tasks behind; tests need none of them for long.
    Spec: { Orchestration: { TaskHistoryRetentionLimit: 5 } },
  });
  if (answer.status !== 200)
    throw new Error(`the engine refused to become a Swarm: ${answer.body}`);
}

/** Stops this engine alone, its containers with it. What it holds on disk stays. */
export async function stopEngine(env: NodeJS.ProcessEnv): Promise<boolean> {
  const folders = engineFolders(env);
  const pid = readPid(`${folders.run}/docker.pid`);
  const runs = pid !== undefined && isEngine(pid);
  if (runs) {
    process.kill(pid, 'SIGTERM');
    await waitFor(() => Promise.resolve(!isEngine(pid)), stopMs, folders.run);
  }
  removeStalePids(folders.run);
  // The link goes with its namespace. Absent is what was wanted.
  await run('ip', ['netns', 'delete', namespace]);
  await run('ip', ['link', 'delete', 'seatrial0']);
  return runs;
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
