// A run of the nemoclaw pack that has an engine of its own, ended by the kernel while clusters run there: recovery
// ends that engine, puts its configuration back, and leaves the engine of the harness as it was.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { engineProcesses } from '../src/drivers/fixtures/engines.ts';
import { isAlive, readStat } from '../src/drivers/process/proc.ts';
import { heading } from './steps.ts';

type Stage = {
  readonly program: string;
  readonly pack: string;
  /** A store that there is not yet. */
  readonly store: string;
  readonly tell: (isHeld: boolean, what: string, why?: string) => void;
};

const lookAgainMs = 200;

export async function killedWithEngine({ program, pack, store, tell }: Stage): Promise<void> {
  heading('a run that is killed while it has an engine of its own');
  const file = join(pack, 'scenarios/overlayfs-autofix.yaml');
  const before = harnessEngine();
  const args = [program, 'run', '--scenario', file, '--store', store, '--quiet'];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const ended = new Promise<string | null>((done) => {
    child.on('exit', (_code, signal) => {
      done(signal);
    });
  });
  const run = await reaching(store, () => child.exitCode !== null || child.signalCode !== null);
  child.kill('SIGKILL');
  tell((await ended) === 'SIGKILL', 'it was killed while clusters ran');
  if (run === undefined) {
    tell(false, 'it came as far as that');
    return;
  }
  const pids = enginePids(store, run);
  tell(pids.length > 0 && pids.some(lives), 'its engine outlived it');
  const recovered = spawnSync(process.execPath, [program, 'recover', '--store', store]);
  tell(recovered.status === 0, 'recover ends with 0', recovered.stderr.toString().trim());
  const home = { folder: engineFolder(store, run), runtime: `/tmp/st-${run.slice(-8)}`, run };
  tell(!pids.some(lives) && engineProcesses(home).length === 0, 'its engine is gone');
  const restored = recordsOf(store, run).find(
    ({ type, data }) => type === 'fixture.restored' && data['fixture'] === 'containerd-snapshotter',
  );
  const { pre, post } = (restored?.data['details'] ?? {}) as { pre?: unknown; post?: unknown };
  const isSame = pre !== undefined && JSON.stringify(pre) === JSON.stringify(post);
  tell(isSame, 'its configuration was as before when it ended');
  tell(!existsSync(join(store, 'work', run)), 'its folders are gone');
  const after = harnessEngine();
  const suffix = run.slice(-8);
  tell(after.id === before.id, 'the engine of the harness is the same');
  tell(!after.names.some((name) => name.includes(suffix)), 'nothing of the run is left there');
  // What others have there at the same moment may come and go; an image that has a name of its own stays.
  const missing = before.fixtures.filter((each) => !after.fixtures.includes(each));
  tell(missing.length === 0, 'every image of it is as it was', missing.join(' '));
}

const lives = (pid: number): boolean => isAlive(readStat(pid));

type Entry = { readonly type: string; readonly data: Readonly<Record<string, unknown>> };

function recordsOf(store: string, run: string): readonly Entry[] {
  const path = join(store, 'runs', run, 'journal.jsonl');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Entry);
}

/** The run, once a second cluster is asked for; undefined when it ended before. */
async function reaching(store: string, isOver: () => boolean): Promise<string | undefined> {
  while (!isOver()) {
    const [run] = existsSync(join(store, 'runs')) ? readdirSync(join(store, 'runs')) : [];
    const isThere =
      run !== undefined &&
      recordsOf(store, run).some(
        ({ type, data }) => type === 'operation.started' && data['operation'] === 'patch-again',
      );
    if (isThere) return run;
    await sleep(lookAgainMs);
  }
  return undefined;
}

const engineFolder = (store: string, run: string): string =>
  join(store, 'work', run, 'engine-containerd-snapshotter');

/** One for each start: the last is the one that runs. */
function enginePids(store: string, run: string): readonly number[] {
  const path = join(engineFolder(store, run), 'starts.log');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => Number(line.split('\t')[0]));
}

/** What the engine is, names of everything that it holds, and digests of what fixtures of the harness are made from. */
function harnessEngine() {
  const host = process.env['SEATRIAL_DOCKER_HOST'] ?? 'unix:///run/seatrial-docker/docker.sock';
  const docker = (...args: readonly string[]): readonly string[] => {
    const { status, stdout } = spawnSync('docker', ['--host', host, ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`docker ${args.join(' ')} failed on ${host}`);
    return stdout.trim().split('\n');
  };
  const images = docker('images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}');
  const containers = docker('ps', '--all', '--format', '{{.Names}}');
  return {
    id: docker('info', '--format', '{{.ID}} {{.DockerRootDir}}').join(' '),
    names: [...images, ...containers, ...docker('volume', 'ls', '--quiet')],
    fixtures: images.filter((each) => each.startsWith('seatrial-fixture/')),
  };
}
