// Starts a command below a guardian and translates between the guardian's lines and promises.

import { spawn, type ChildProcess } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';

import { WorldError } from '../../ports/world-error.ts';
import { guardianProgram, ptraceNumbers } from './guardian.ts';
import {
  connectStreams,
  deferred,
  drained,
  sendSignal,
  signalName,
  startTrouble,
  type Born,
  type Exit,
  type Launched,
  type LaunchOptions,
  type Survivor,
} from './launched.ts';
import { describeProcess, isAlive, listProcesses, parseEnvironment, splitNul } from './proc.ts';

function payloadOf(
  { argv, cwd, env, channel, graceMs, birth }: LaunchOptions,
  prctl: number,
): Buffer {
  const ptrace = birth === true ? ptraceNumbers[process.arch] : undefined;
  const fields = [
    ptrace === undefined ? String(prctl) : `${String(prctl)}:${String(ptrace)}`,
    channel ? '1' : '',
    String(Math.max(0, Math.round(graceMs))),
    cwd,
    String(argv.length),
    ...argv,
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
  ];
  if (fields.some((field) => field.includes('\0')))
    throw new WorldError('refused', `A NUL in the arguments or environment of ${argv[0]}.`);
  const body = Buffer.from(fields.join('\0'));
  return Buffer.concat([Buffer.from(String(body.length).padStart(8, '0')), body]);
}

const parseSurvivor = ([pid = '', hex = '']: readonly string[]): Survivor => ({
  pid: Number(pid),
  command: Buffer.from(hex, 'hex').toString('utf8'),
});

const parseBorn = (fields: readonly string[]): Born => {
  const [argv, env, executable, cwd] = fields.map((hex) => Buffer.from(hex, 'hex'));
  return {
    argv: splitNul(argv) ?? [],
    env: parseEnvironment(env),
    executable: executable?.toString('utf8') ?? '',
    cwd: cwd?.toString('utf8') ?? '',
  };
};

type Progress = {
  readonly started: ReturnType<typeof deferred<readonly [number, number, number]>>;
  readonly exited: ReturnType<typeof deferred<Exit>>;
  readonly survivors: Map<number, Survivor>;
  born: Born | undefined;
  main: number;
  forced: boolean;
  done: boolean;
};

type StatusHandler = (
  progress: Progress,
  fields: readonly string[],
  options: LaunchOptions,
) => void;

const onSurvivor: StatusHandler = (progress, fields) => {
  const survivor = parseSurvivor(fields);
  if (survivor.pid !== progress.main) progress.survivors.set(survivor.pid, survivor);
};

const onForced: StatusHandler = (progress, fields, options) => {
  progress.forced = true;
  onSurvivor(progress, fields, options);
};

const statusHandlers: Readonly<Record<string, StatusHandler>> = {
  born: (progress, fields) => {
    progress.born = parseBorn(fields);
  },
  started: (progress, [pid, start, guardianStart]) => {
    progress.main = Number(pid);
    progress.started.resolve([progress.main, Number(start), Number(guardianStart)]);
  },
  failed: (progress, [step = '', errno], options) => {
    progress.done = true;
    progress.started.reject(startTrouble(options, step, Number(errno)));
  },
  exited: (progress, [kind, value]) => {
    const signal = kind === 'signal' ? signalName(Number(value)) : undefined;
    progress.exited.resolve(signal === undefined ? { code: Number(value) } : { signal });
  },
  survivor: onSurvivor,
  forced: onForced,
  left: onForced,
  done: (progress) => {
    progress.done = true;
  },
};

/** After a guardian that was killed: the kernel ended the command with it, but not its children. */
function sweepSession(session: number | undefined, progress: Progress): void {
  progress.forced = true;
  for (const stat of listProcesses()) {
    if (session === undefined || stat.session !== session || !isAlive(stat)) continue;
    progress.survivors.set(stat.pid, { pid: stat.pid, command: describeProcess(stat.pid) });
    sendSignal(stat.pid, 'SIGKILL');
  }
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('latin1');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  stream.on('error', () => undefined);
}

function spawnGuardian(perl: string, options: LaunchOptions): ChildProcess {
  const run = options.env['SEATRIAL_RUN'];
  return spawn(perl, ['-e', guardianProgram], {
    // A session of its own: a terminal's signals must not reach it, and it never belongs to a terminal.
    detached: true,
    cwd: '/',
    env: run === undefined ? {} : { SEATRIAL_RUN: run },
    stdio: [
      options.stdin === undefined ? 'ignore' : 'pipe',
      'pipe',
      'pipe',
      options.channel ? 'pipe' : 'ignore',
      'pipe',
      'pipe',
    ],
  });
}

export async function launchGuarded(
  perl: string,
  prctl: number,
  options: LaunchOptions,
): Promise<Launched> {
  const payload = payloadOf(options, prctl);
  const child = spawnGuardian(perl, options);
  const progress: Progress = {
    started: deferred(),
    exited: deferred(),
    survivors: new Map(),
    born: undefined,
    main: 0,
    forced: false,
    done: false,
  };
  const [control, status] = child.stdio.slice(4) as unknown as [Duplex?, Readable?];
  const gone = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      progress.started.reject(
        new WorldError('unavailable', `Cannot start ${perl}: ${error.message}.`, { cause: error }),
      );
      resolve();
    });
    child.once('exit', () => {
      resolve();
    });
  });
  const outputs = connectStreams(child, options);
  control?.on('error', () => undefined);
  control?.write(payload);
  if (status !== undefined)
    readLines(status, (line) => {
      const [word = '', ...fields] = line.split(' ');
      statusHandlers[word]?.(progress, fields, options);
    });
  const ended = gone.then(async () => {
    if (status !== undefined) await drained([status]);
    control?.destroy();
    if (!progress.done) {
      progress.started.reject(new WorldError('io', `The guardian of ${options.argv[0]} died.`));
      sweepSession(child.pid, progress);
    }
    progress.exited.resolve({ signal: 'SIGKILL' });
    await drained(outputs);
    return { survivors: [...progress.survivors.values()], forced: progress.forced };
  });
  const [pid, startTime, guardianStartTime] = await progress.started.promise;
  return {
    pid,
    startTime,
    guardianPid: child.pid ?? 0,
    guardianStartTime,
    ...(progress.born === undefined ? {} : { born: progress.born }),
    exited: progress.exited.promise,
    ended,
    stop: (signal, graceMs) => {
      control?.write(`stop ${signal.slice(3)} ${String(Math.max(0, Math.round(graceMs)))}\n`);
    },
  };
}
