// The way without perl: a process group, no lifeline. A descendant that leaves the session escapes.

import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  connectStreams,
  deferred,
  drained,
  sendSignal,
  startTrouble,
  type Ending,
  type Exit,
  type Launched,
  type LaunchOptions,
  type Survivor,
} from './launched.ts';
import { describeProcess, isAlive, listProcesses, readStat, type ProcessStat } from './proc.ts';

const settleMs = 100;
const pollMs = 20;
const giveUpMs = 10_000;

const membersOf = (leader: number): readonly ProcessStat[] =>
  listProcesses().filter(
    (stat) => (stat.session === leader || stat.group === leader) && isAlive(stat),
  );

async function waitUntil(done: () => boolean, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (!done()) {
    if (performance.now() >= end) return false;
    await sleep(pollMs);
  }
  return true;
}

type Asked = { deadline: number | undefined };

/** Ends what outlived the command in its session: SIGTERM, grace, SIGKILL. */
async function endSession(leader: number, graceMs: number, asked: Asked): Promise<Ending> {
  const survivors = new Map<number, Survivor>();
  const alive = (): boolean => membersOf(leader).length === 0;
  if (await waitUntil(alive, settleMs)) return { survivors: [], forced: false };
  const note = ({ pid }: ProcessStat): void => {
    if (!survivors.has(pid)) survivors.set(pid, { pid, command: describeProcess(pid) });
  };
  for (const member of membersOf(leader)) {
    if (asked.deadline !== undefined && member.group === leader) continue;
    note(member);
    sendSignal(member.pid, 'SIGTERM');
  }
  const left = asked.deadline === undefined ? graceMs : asked.deadline - performance.now();
  const polite = await waitUntil(alive, Math.max(0, left));
  if (!polite)
    await waitUntil(() => {
      for (const member of membersOf(leader)) {
        note(member);
        sendSignal(member.pid, 'SIGKILL');
      }
      return alive();
    }, giveUpMs);
  return { survivors: [...survivors.values()], forced: !polite };
}

function spawnPlain(options: LaunchOptions): ChildProcess {
  const [program, ...rest] = options.argv;
  return spawn(program, rest, {
    detached: true,
    cwd: options.cwd,
    env: options.env,
    stdio: [
      options.stdin === undefined ? 'ignore' : 'pipe',
      'pipe',
      'pipe',
      ...(options.channel ? (['pipe'] as const) : []),
    ],
  });
}

const errnoNumber = (error: Error): number =>
  'errno' in error && typeof error.errno === 'number' ? -error.errno : constants.errno.EIO;

export async function launchPlain(options: LaunchOptions): Promise<Launched> {
  const child = spawnPlain(options);
  const exited = deferred<Exit>();
  child.once('exit', (code, signal) => {
    exited.resolve(signal === null ? { code: code ?? 0 } : { signal });
  });
  const begun = new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.on('error', (error) => {
      reject(startTrouble(options, 'exec', errnoNumber(error)));
    });
  });
  // A command that cannot be started has no streams.
  const outputs = child.pid === undefined ? [] : connectStreams(child, options);
  await begun;
  const pid = child.pid ?? 0;
  const startTime = readStat(pid)?.startTime ?? 0;
  const asked: Asked = { deadline: undefined };
  let killer: NodeJS.Timeout | undefined;
  let forcedMain = false;
  const ended = exited.promise.then(async () => {
    clearTimeout(killer);
    const ending = await endSession(pid, options.graceMs, asked);
    await drained(outputs);
    return { ...ending, forced: ending.forced || forcedMain };
  });
  return {
    pid,
    startTime,
    guardianPid: pid,
    guardianStartTime: startTime,
    exited: exited.promise,
    ended,
    stop: (signal, graceMs) => {
      asked.deadline = Math.min(asked.deadline ?? Infinity, performance.now() + graceMs);
      sendSignal(-pid, signal);
      killer ??= setTimeout(() => {
        forcedMain = true;
        sendSignal(-pid, 'SIGKILL');
      }, asked.deadline - performance.now());
    },
  };
}
