// The OverlayRunner of this host: a process of its own for each file, with a private folder and
// nothing of the harness's environment.

import { chmod, lstat, mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import type {
  OverlayFacts,
  OverlayOutcome,
  OverlayReaders,
  OverlayRunner,
  OverlayRunOptions,
  OverlaySelection,
} from '../../ports/overlays.ts';
import type { Processes } from '../../ports/processes.ts';
import type { Sandbox } from '../../ports/sandbox.ts';
import { WorldError } from '../../ports/world-error.ts';
import { errnoOf } from '../file-error.ts';
import { systemFiles } from '../files.ts';
import { readHostText } from '../host-text.ts';
import { boundWorld, foreignFacts } from './in-sandbox.ts';
import type { Job, World } from './job.ts';
import { allAs } from './outcome.ts';
import { readOverlayFolder, sha256Of, textOf } from './read-folder.ts';
import { runExecutable } from './run-executable.ts';
import { runModule } from './run-module.ts';
import { runPytest } from './run-pytest.ts';

/** Of each output stream, for code that runs with the harness's approval. */
const outputLimitBytes = 16 << 20;

export type OverlayRunnerParts = {
  readonly processes: Processes;
  readonly sandbox: Sandbox;
  readonly readers: OverlayReaders;
  /** Absolute path of the Node program that runs modules. */
  readonly node: string;
  /** PATH for the checks. */
  readonly path: string;
  /** Folder for the private folders of checks where a call names none; it must exist. */
  readonly work: string;
  /** Least time for loading a module, 10 s unless given. */
  readonly loadMsMin?: number;
};

export function makeOverlayRunner(parts: OverlayRunnerParts): OverlayRunner {
  const { processes, readers, node, loadMsMin } = parts;
  let host: Promise<string> | undefined;
  const world: World = {
    processes,
    readers,
    node,
    host: () => (host ??= readHostText('module-host', import.meta.url, readers.stripTypes)),
    outputLimitBytes,
    ...(loadMsMin === undefined ? {} : { loadMsMin }),
  };
  return {
    discover: readOverlayFolder,
    run: (selection, facts, options) => runSelection({ selection, facts, options, parts, world }),
  };
}

type Call = {
  readonly selection: OverlaySelection;
  readonly facts: OverlayFacts;
  readonly options: OverlayRunOptions;
  readonly parts: OverlayRunnerParts;
  readonly world: World;
};

async function runSelection(call: Call): Promise<readonly OverlayOutcome[]> {
  const { selection, facts, options, parts } = call;
  const answers = new Map<string, OverlayOutcome>();
  const onResult = (outcome: OverlayOutcome) => {
    if (answers.has(outcome.id)) return;
    answers.set(outcome.id, outcome);
    options.onResult?.(outcome);
  };
  const rest = await orOutcomes(selection, async () => {
    if (selection.checks.length === 0) return [];
    if (options.signal?.aborted === true) return allAs(selection, 'not-run', 'cancelled');
    const read = await readUnchanged(selection, options.folder);
    if ('trouble' in read) return allAs(selection, 'error', read.trouble);
    const home = await mkdtemp(join(options.work ?? parts.work, 'overlay-'));
    try {
      const shown = foreignFacts(facts, options, parts.sandbox);
      const job = await makeJob({ ...call, facts: shown }, home, onResult);
      const world = await boundWorld(call.world, parts.sandbox, { job, options, facts });
      return await dispatch(job, read, world);
    } finally {
      // What cannot be removed goes with the work folder and changes no answer.
      await systemFiles.remove(home).catch(() => undefined);
    }
  });
  rest.forEach(onResult);
  return selection.checks.flatMap(({ id }) => answers.get(id) ?? []);
}

/** A failure of the host is the answer to every check of the file; anything else is a bug. */
async function orOutcomes(
  selection: OverlaySelection,
  work: () => Promise<readonly OverlayOutcome[]>,
): Promise<readonly OverlayOutcome[]> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WorldError)
      return allAs(selection, 'error', `${error.code}: ${error.message}`);
    const errno = errnoOf(error);
    if (errno === undefined || !/^E[A-Z0-9]+$/.test(errno)) throw error;
    return allAs(selection, 'error', `${errno}: ${String(error)}`);
  }
}

type Unchanged = { readonly text: string | undefined; readonly executable: boolean };

async function readUnchanged(
  { path, sha256 }: OverlaySelection,
  folder: string,
): Promise<Unchanged | { readonly trouble: string }> {
  const whole = join(folder, path);
  const inside = relative(folder, whole);
  if (inside.startsWith('..') || isAbsolute(inside))
    return { trouble: `refused: ${path} is outside the checks folder` };
  try {
    const stat = await lstat(whole);
    if (!stat.isFile()) return { trouble: `snapshot-changed: ${path} is no plain file` };
    const bytes = await readFile(whole);
    if (sha256Of(bytes) !== sha256)
      return { trouble: `snapshot-changed: ${path} is not the file that was planned` };
    return { text: textOf(bytes), executable: (stat.mode & 0o100) !== 0 };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { trouble: `snapshot-changed: ${path} is gone` };
    throw error;
  }
}

async function makeJob(
  { selection, facts, options, parts }: Call,
  home: string,
  onResult: Job['onResult'],
): Promise<Job> {
  const [results, scratch] = [join(home, 'results'), join(home, 'scratch')];
  await Promise.all([mkdir(results), mkdir(scratch), mkdir(join(home, 'tmp'))]);
  // A sandbox reads it as somebody else, whatever the mask of the caller; `home` keeps others out.
  await chmod(scratch, 0o755);
  return {
    selection,
    facts,
    folder: options.folder,
    timeoutMs: selection.timeoutMs ?? options.timeoutMs,
    signal: options.signal,
    env: environment(facts, options, { path: parts.path, home }),
    ...(options.foreign === undefined ? {} : { root: options.foreign.root }),
    results,
    scratch,
    onStart: (id) => options.onStart?.(id),
    onResult,
  };
}

/** Declared variables first: they cannot stand in for the harness's own. */
function environment(
  facts: OverlayFacts,
  { foreign }: OverlayRunOptions,
  { path, home }: { readonly path: string; readonly home: string },
): Readonly<Record<string, string>> {
  return {
    ...facts.env,
    // A sandbox has its own programs, and no folder that would be somebody's home.
    ...(foreign?.authority === 'sandboxed'
      ? {}
      : { PATH: path, HOME: home, TMPDIR: join(home, 'tmp') }),
    LANG: 'C.UTF-8',
    SEATRIAL_APP: facts.app,
    SEATRIAL_OPERATION: facts.operation,
    SEATRIAL_STAGE: facts.stage,
    SEATRIAL_RESULTS: join(home, 'results'),
    ...(facts.domain === undefined ? {} : { SEATRIAL_DOMAIN: facts.domain }),
    ...(facts.url === undefined ? {} : { SEATRIAL_BASE_URL: facts.url }),
    ...(facts.data === undefined ? {} : { SEATRIAL_DATA: facts.data }),
    ...(Object.keys(facts.deps).length === 0 ? {} : { SEATRIAL_DEPS: JSON.stringify(facts.deps) }),
  };
}

function dispatch(
  job: Job,
  read: Unchanged,
  world: World,
): Promise<readonly OverlayOutcome[]> | readonly OverlayOutcome[] {
  switch (job.selection.kind) {
    case 'module':
      return read.text === undefined
        ? allAs(job.selection, 'error', 'import: the file is not UTF-8 text of up to 1 MiB')
        : runModule(job, read.text, world);
    case 'executable':
      return runExecutable(job, read.executable, world);
    case 'pytest':
      return runPytest(job, world);
  }
}
