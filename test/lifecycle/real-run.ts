// `seatrial run` as a process of its own, on apps in a temporary folder, and the commands that look
// at what it left, in this process.

import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { commands } from '../../src/cli/commands.ts';
import { parseArguments } from '../../src/cli/parse-arguments.ts';
import { systemFiles } from '../../src/drivers/files.ts';
import { makeLocks } from '../../src/drivers/locks.ts';
import { fold } from '../../src/evidence/fold.ts';
import { readJournal } from '../../src/evidence/journal-reader.ts';
import type { RunState } from '../../src/evidence/run-state.ts';
import { keepBundles } from '../kept-bundles.ts';
import { never } from './harness.ts';

const repository = join(import.meta.dirname, '../..');
const counter = join(repository, 'test/fixtures/apps/counter');

/** Where the runner of TypeScript keeps what it compiled, below the folder for temporary files. */
const compiled = `tsx-${String(process.getuid?.() ?? 0)}`;

export type RealApp = {
  /** Everything lies below it: app, store, locks, temporary files. */
  readonly root: string;
  readonly store: string;
  readonly env: Readonly<Record<string, string>>;
};

const roots: string[] = [];
export const children: ChildProcess[] = [];

/** For afterAll: ends what a test left, by what marks it as ours. */
export async function removeRealApps(): Promise<void> {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const root of roots.splice(0)) {
    for (const { pid } of processesOf(root)) process.kill(pid, 'SIGKILL');
    await keepBundles(join(root, 'store'));
    await rm(root, { recursive: true, force: true });
  }
}

export type Files = Readonly<Record<string, string>>;

export async function makeApp(files: Files, executable: readonly string[] = []): Promise<RealApp> {
  const root = await mkdtemp(join(tmpdir(), 'seatrial-real-'));
  roots.push(root);
  const app = join(root, 'app');
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(app, name)), { recursive: true });
    await writeFile(join(app, name), text);
  }
  for (const name of executable) await chmod(join(app, name), 0o755);
  await mkdir(join(root, 'tmp'));
  // Sources are compiled once for all runs, not once for each.
  await mkdir(join(tmpdir(), compiled), { recursive: true });
  await symlink(join(tmpdir(), compiled), join(root, 'tmp', compiled));
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: root,
    TMPDIR: join(root, 'tmp'),
    SEATRIAL_LOCKS: join(root, 'locks'),
    NO_COLOR: '1',
  };
  return { root, store: join(root, 'store'), env };
}

export const counterManifest = (more = ''): string => `seatrial: 1
app: counter
driver: process
source: { directory: releases }
process:
  start: ['{node}', '{release}/main.mjs', '--port', '{port}', '--data', '{data}']
  stop: { graceS: 2 }
probes: [{ tcp: http }]
timeouts: { settle: 1, deploy: 60, http: 30, hook: 20 }
${more}`;

/** The counter in two releases, with an overlay and a hook, so that a run has every kind of child. */
export async function makeCounter(files: Files = {}): Promise<RealApp> {
  const app = await makeApp({
    'seatrial.yaml': counterManifest('hooks: { seed: { file: hooks/seed.sh } }'),
    'hooks/seed.sh': 'echo seeded >> "$SEATRIAL_DATA/seeds"\n',
    'checks/upgrade.title.check.mjs': `export async function answers({ fetch, assert }) {
  assert.equal((await fetch('/')).status, 200);
}
`,
    ...files,
  });
  for (const [version, main] of [
    ['1.0.0', 'v1.mjs'],
    ['2.0.0', 'v2.mjs'],
  ] as const) {
    const release = join(app.root, 'app/releases', version);
    await mkdir(release, { recursive: true });
    await cp(join(counter, 'counter.mjs'), join(release, 'counter.mjs'));
    await cp(join(counter, main), join(release, 'main.mjs'));
  }
  return app;
}

/** The fake app as a pack's canary: its world is a file, so it outlives the process as a real one does. */
export function makeFakePack(): Promise<RealApp> {
  return makeApp({
    'canaries/canaries.yaml': `canaries:
  - id: harmless
    manifest: fake/seatrial.yaml
    plant: { env: { HARMLESS: 'yes' } }
    kills: [floor.install.done]
`,
    'fake/seatrial.yaml': `seatrial: 1
app: fake
driver: fake
source: { directory: releases }
timeouts: { settle: 0, http: 5, deploy: 60, hook: 10 }
dependencies: [{ app: side }]
`,
    'side/seatrial.yaml': `seatrial: 1
app: side
driver: fake
source: { directory: releases }
timeouts: { settle: 0, http: 5, deploy: 60 }
`,
    'side/releases/1.0.0/release.txt': '1.0.0\n',
    'fake/releases/1.0.0/release.txt': '1.0.0\n',
    'fake/releases/1.1.0/release.txt': '1.1.0\n',
  });
}

export type Ended = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
};

export type Started = { readonly child: ChildProcess; readonly ended: Promise<Ended> };

/** Starts the real command line. `wrap` puts a program in front of it. */
export function start(
  { root, store, env }: RealApp,
  argv: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly preload?: string;
    readonly wrap?: readonly [string, ...string[]];
    readonly store?: string;
  } = {},
): Started {
  const preload = options.preload === undefined ? [] : ['--import', options.preload];
  const node = [process.execPath, '--import', import.meta.resolve('tsx'), ...preload];
  const whole = [
    ...[...(options.wrap ?? []), ...node, join(repository, 'src/cli/main.ts'), ...argv],
    ...['--store', options.store ?? store],
  ];
  const child = spawn(whole[0] ?? '', whole.slice(1), {
    cwd: join(root, 'app'),
    env: { ...env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (bytes: Buffer) => (said.out += bytes.toString('utf8')));
  child.stderr.on('data', (bytes: Buffer) => (said.err += bytes.toString('utf8')));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal, ...said });
    });
  });
  return { child, ended };
}

/** A command that looks or recovers, in this process. */
export async function command(
  { root, store, env }: RealApp,
  name: string,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string }> {
  const found = commands.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no command ${name}`);
  let out = '';
  const code = await found.run(parseArguments(found, [...args, '--store', store]), {
    out: (text) => (out += text),
    err: () => undefined,
    ...{ outIsTty: false, errIsTty: false, columns: 100, colour: false },
    ...{ env, cwd: join(root, 'app'), pid: process.pid, node: process.execPath, signal: never },
  });
  return { code, out };
}

export async function runsOf({ store }: RealApp): Promise<readonly string[]> {
  const folder = join(store, 'runs');
  const there = (await systemFiles.stat(folder)) !== undefined;
  return there ? (await systemFiles.list(folder)).map(({ name }) => name).sort() : [];
}

export async function stateOf({ store }: RealApp, run: string): Promise<RunState | undefined> {
  const path = join(store, 'runs', run, 'journal.jsonl');
  if ((await systemFiles.stat(path)) === undefined) return undefined;
  const { records, head } = await readJournal(systemFiles.stream(path));
  return records.length === 0 ? undefined : fold(records, head);
}

/** Processes that name the folder in their environment, arguments or working directory. */
export function processesOf(root: string): readonly { pid: number; command: string }[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .map((pid) => ({ pid, command: read(`/proc/${String(pid)}/cmdline`) }))
    .filter(({ pid, command: line }) => {
      const where = `/proc/${String(pid)}`;
      const known = [line, read(`${where}/environ`), link(`${where}/cwd`)];
      return known.some((text) => text.includes(root));
    });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** What of a run is still on the host: processes, ports, files, locks. Empty when nothing is. */
export async function leftOf(
  app: RealApp,
  state: RunState | undefined,
): Promise<readonly string[]> {
  return [
    ...processesOf(app.root).map(({ pid, command: line }) => `process ${String(pid)} ${line}`),
    ...(await takenPorts(state)),
    ...(await heldLocks(app, state)),
    ...(await namesIn(join(app.store, 'work'))),
    ...(await namesIn(join(app.root, 'tmp'))).filter((name) => !name.endsWith(compiled)),
    ...(await fakeApps(join(app.store, 'fake-world.json'))),
  ];
}

async function takenPorts(state: RunState | undefined): Promise<readonly string[]> {
  const taken: string[] = [];
  for (const { undo } of state?.resources ?? []) {
    const { port } = undo;
    if (typeof port === 'number' && !(await isFree(port))) taken.push(`port ${String(port)}`);
  }
  return taken;
}

async function heldLocks(app: RealApp, state: RunState | undefined): Promise<readonly string[]> {
  const folder = join(app.root, 'locks');
  const locks = makeLocks({ folder, searchPath: app.env['PATH'] ?? '' });
  const files = (await namesIn(folder)).map((path) => basename(path, '.lock'));
  const held: string[] = [];
  for (const name of [...files, ...(state === undefined ? [] : [state.started.lock])]) {
    const lock = await locks.tryAcquire(name);
    if (lock === undefined) held.push(`lock ${name}`);
    await lock?.release();
  }
  return held;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  if ((await systemFiles.stat(folder)) === undefined) return [];
  return (await systemFiles.list(folder)).map(({ name }) => join(folder, name));
}

async function fakeApps(world: string): Promise<readonly string[]> {
  if ((await systemFiles.stat(world)) === undefined) return [];
  const { apps } = JSON.parse(await readFile(world, 'utf8')) as { apps: { $map: unknown[] } };
  return apps.$map.map((app) => JSON.stringify(app));
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** One digest for everything in the store but its cache. */
export async function storeDigest({ store }: RealApp): Promise<string> {
  const listing = await systemFiles.listing(store);
  const kept = listing.filter(({ path }) => !path.startsWith('cache'));
  return createHash('sha256').update(JSON.stringify(kept)).digest('hex');
}
