import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { discoverOverlays } from '../../../src/checks/overlay-discovery.ts';
import { overlayReaders } from '../../../src/checks/overlay-readers.ts';
import { makeOverlayRunner } from '../../../src/drivers/overlays/runner.ts';
import { systemProcesses } from '../../../src/drivers/process/run.ts';
import { sandboxHere } from '../sandbox/sandbox-here.ts';
import type {
  OverlayFacts,
  OverlayOutcome,
  OverlayRunner,
  OverlayRunOptions,
  OverlaySelection,
} from '../../../src/ports/overlays.ts';

export const facts: OverlayFacts = {
  app: 'notes',
  operation: 'upgrade',
  stage: 'head',
  snapshots: {},
  markers: [],
  deps: {},
  env: {},
};

export type ChecksFolder = {
  readonly folder: string;
  readonly work: string;
  readonly runner: OverlayRunner;
  /** The one file with checks that is found in the folder now; it must be without problems. */
  readonly selection: () => Promise<OverlaySelection>;
};

/** A checks folder with these files, removed when the test ends. Names ending in `.check` are executable. */
export async function makeChecksFolder(
  files: Readonly<Record<string, string>>,
): Promise<ChecksFolder> {
  const root = await mkdtemp(join(tmpdir(), 'seatrial-checks-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const [folder, work] = [join(root, 'checks'), join(root, 'work')];
  await mkdir(work);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
    if (path.endsWith('.check')) await chmod(join(folder, path), 0o755);
  }
  const runner = makeOverlayRunner({
    sandbox: sandboxHere,
    processes: systemProcesses,
    readers: overlayReaders,
    node: process.execPath,
    path: process.env['PATH'] ?? '',
    work,
    loadMsMin: 5000,
  });
  const selection = async () => {
    const { files: found, problems } = await discoverOverlays(await runner.discover(folder));
    const [only] = found;
    if (only === undefined || found.length > 1 || problems.length > 0)
      throw new Error(JSON.stringify({ found, problems }));
    return only;
  };
  return { folder, work, runner, selection };
}

/** Outcomes of the one file in a folder with these files. */
export async function runOnly(
  files: Readonly<Record<string, string>>,
  options: Partial<OverlayRunOptions> & { readonly facts?: Partial<OverlayFacts> } = {},
): Promise<readonly OverlayOutcome[]> {
  const { folder, runner, selection } = await makeChecksFolder(files);
  return runner.run(
    await selection(),
    { ...facts, ...options.facts },
    { timeoutMs: 5000, ...options, folder },
  );
}

export const verdictsOf = (outcomes: readonly OverlayOutcome[]): readonly string[] =>
  outcomes.map(({ id, verdict }) => `${id.split('.').at(-1) ?? ''} ${verdict}`);

export const textOf = (outcome: OverlayOutcome | undefined, name: string): string | undefined => {
  const bytes = outcome?.evidence.find((each) => each.name === name)?.bytes;
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
};
