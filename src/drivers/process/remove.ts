// Undoing what a run made, from its journal alone if need be, and finding what is left of it.

import { readdirSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Leftover, RemovedResource, Resource, ResourceKind } from '../../ports/app-driver.ts';
import type { Files } from '../../ports/files.ts';
import type { Locks } from '../../ports/locks.ts';
import { findMarked, killTree } from './kill-tree.ts';
import { describeProcess, isBelow, listeningSockets, listPids, mountsBelow } from './proc.ts';

/** Processes first: nothing may write to a folder that is being removed. */
const order: readonly ResourceKind[] = ['process', 'folder', 'port', 'deployment'];

export const inOrder = (resources: readonly Resource[]): readonly Resource[] =>
  [...resources].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));

type Undo = {
  readonly run?: string;
  readonly work?: string;
  readonly path?: string;
  readonly port?: number;
  readonly pid?: number;
  readonly startTime?: number;
  readonly guardianPid?: number;
  readonly guardianStartTime?: number;
  readonly bootId?: string;
};

/** Details may stand beside the undo or be part of it already, depending on who read the journal. */
const undoOf = ({ undo, details }: Resource): Undo => ({ ...undo, ...details });

/** Removes one resource without any live handle: after a crash, or in another process. */
export async function removeRecorded(files: Files, resource: Resource): Promise<RemovedResource> {
  const { kind, name } = resource;
  const { run: marker, work: workFolder, path, ...identity } = undoOf(resource);
  if (marker === undefined || workFolder === undefined)
    return { kind, name, outcome: 'failed', message: 'the record does not say how to undo it' };
  if (kind === 'process')
    return killed(resource, await killTree({ ...identity, marker, workFolder }));
  if (kind === 'folder') {
    if (!isProperlyBelow(path, workFolder))
      return { kind, name, outcome: 'failed', message: 'not a folder below the work folder' };
    await files.remove(path);
    return { kind, name, outcome: 'removed' };
  }
  // A lease is a kernel lock and ended with its holder; a deployment is the sum of the others.
  return kind === 'port' || kind === 'deployment'
    ? { kind, name, outcome: 'removed' }
    : { kind, name, outcome: 'failed', message: 'no resource of the process driver' };
}

const isProperlyBelow = (path: string | undefined, folder: string): path is string =>
  path !== undefined && path !== folder && path === resolve(path) && isBelow(path, folder);

function killed(
  { kind, name }: Resource,
  tree: Awaited<ReturnType<typeof killTree>>,
): RemovedResource {
  const tell = (processes: readonly { readonly pid: number; readonly command: string }[]): string =>
    processes.map(({ pid, command }) => `${String(pid)} ${command}`).join(', ');
  if (tree.left.length > 0)
    return { kind, name, outcome: 'failed', message: `still there: ${tell(tree.left)}` };
  return tree.killed.length === 0
    ? { kind, name, outcome: 'removed' }
    : { kind, name, outcome: 'forced', message: `killed ${tell(tree.killed)}` };
}

/** Everything on this host that carries the run's mark or lies below its folders. */
export async function findLeftovers(
  { files, locks }: { readonly files: Files; readonly locks: Locks },
  run: string,
  resources: readonly Resource[],
): Promise<readonly Leftover[]> {
  const undos = resources.map(undoOf).filter((undo) => undo.run === run);
  const works = [...new Set(undos.flatMap(({ work }) => work ?? []))];
  return [
    ...findProcesses(run, works),
    ...(await findListeners(
      locks,
      undos.flatMap(({ port }) => port ?? []),
    )),
    ...works
      .flatMap(mountsBelow)
      .map(
        ({ path, type }) => ({ kind: 'mount', name: path, details: `${type} mounted` }) as const,
      ),
    ...(await findFolders(files, resources)),
  ];
}

function findProcesses(run: string, works: readonly string[]): readonly Leftover[] {
  const pids = new Set([
    ...findMarked({ marker: run }).map(({ pid }) => pid),
    ...works.flatMap((workFolder) => findMarked({ workFolder }).map(({ pid }) => pid)),
    ...works.flatMap(holdersBelow),
  ]);
  return [...pids].map((pid) => ({
    kind: 'process',
    name: String(pid),
    details: describeProcess(pid),
  }));
}

/** Processes with an open file below a folder; this one reads and writes there by office. */
function holdersBelow(folder: string): readonly number[] {
  return listPids().filter(
    (pid) => pid !== process.pid && openFiles(pid).some((path) => isBelow(path, folder)),
  );
}

function openFiles(pid: number): readonly string[] {
  try {
    const folder = `/proc/${String(pid)}/fd`;
    return readdirSync(folder).map((fd) => readlinkSync(`${folder}/${fd}`));
  } catch {
    // The process vanished, or is another user's and cannot be ours.
    return [];
  }
}

/** A port that is leased again belongs to another run, or to this one while it lives: its processes are found. */
async function findListeners(locks: Locks, ports: readonly number[]): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  for (const { port, pids } of ports.length === 0 ? [] : listeningSockets(ports)) {
    const lock = await locks.tryAcquire(`port-tcp-${String(port)}`);
    if (lock === undefined) continue;
    await lock.release();
    const holders = pids.map((pid) => `${String(pid)} ${describeProcess(pid)}`).join(', ');
    const details = holders === '' ? 'unknown' : holders;
    found.push({ kind: 'port', name: `tcp-${String(port)}`, details });
  }
  return found;
}

async function findFolders(
  files: Files,
  resources: readonly Resource[],
): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  for (const resource of resources) {
    const { path } = undoOf(resource);
    if (resource.kind !== 'folder' || path === undefined) continue;
    if ((await files.stat(path)) !== undefined)
      found.push({ kind: 'folder', name: resource.name, details: path });
  }
  return found;
}
