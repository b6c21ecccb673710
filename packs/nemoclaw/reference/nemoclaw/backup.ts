// An agent's state, out of its sandbox and into a folder that only its owner reads.

import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pack } from 'tar-stream';
import { sha256 } from '../shared/canonical.ts';
import { filesBelow } from '../shared/files-below.ts';
import { Failure } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { writeJson } from '../shared/write-beside.ts';
import { execIn } from './openshell-client.ts';
import { agentManifest, agentNamed, blueprintText, type AgentName } from './product.ts';
import { nemoclawFolder, type CustomPolicy, type Entry } from './registry.ts';
import { readTar } from './read-tar.ts';
import { sanitiseFile } from './sanitise.ts';

export type BackupManifest = {
  readonly version: 1;
  readonly sandboxName: string;
  readonly timestamp: string;
  readonly agentType: string;
  readonly agentVersion: string;
  readonly expectedVersion: string;
  readonly stateDirs: readonly string[];
  readonly stateFiles: readonly string[];
  readonly blueprintDigest: string;
  readonly policyPresets: readonly string[];
  readonly customPolicyPresets: readonly CustomPolicy[];
};

const stateLimitBytes = 256 << 20;

export const backupsFolder = (name: string): string =>
  join(nemoclawFolder(), 'rebuild-backups', name);

/** Gives the folder of the backup. Throws exit 1 when not all of it could be taken. */
export async function backUp(entry: Entry): Promise<string> {
  const agent = agentNamed(entry.agent);
  const timestamp = new Date().toISOString();
  const folder = join(backupsFolder(entry.name), timestamp.replace(/[:.]/g, '-'));
  makePrivate(join(folder, 'state'));
  const paths = await statePaths(entry.name, agent);
  for (const { path, bytes } of await readTar(
    await packState(entry.name, paths),
    stateLimitBytes,
  )) {
    const clean = await sanitiseFile(path, bytes);
    if (clean !== undefined) place(join(folder, 'state', path), clean);
  }
  const { state_dirs: stateDirs, state_files: stateFiles } = agentManifest(agent);
  const manifest: BackupManifest = {
    version: 1,
    sandboxName: entry.name,
    timestamp,
    agentType: agent,
    agentVersion: entry.agentVersion,
    expectedVersion: agentManifest(agent).expected_version,
    stateDirs,
    stateFiles,
    blueprintDigest: sha256(blueprintText()),
    policyPresets: mutant('backup.forget-presets') ? [] : entry.policies,
    customPolicyPresets: entry.customPolicies,
  };
  writeJson(join(folder, 'rebuild-manifest.json'), manifest);
  return folder;
}

function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

function place(path: string, bytes: Buffer): void {
  makePrivate(dirname(path));
  const mode = mutant('backup.world-readable') ? 0o644 : 0o600;
  writeFileSync(path, bytes, { mode });
  chmodSync(path, mode);
}

/** Those of the manifest's paths that are there. */
async function statePaths(sandbox: string, agent: AgentName): Promise<readonly string[]> {
  const { state_dirs, state_files } = agentManifest(agent);
  const script = 'cd /sandbox; for path in "$@"; do if [ -e "$path" ]; then echo "$path"; fi; done';
  const forgets = mutant('backup.forget-plugins');
  const folders = state_dirs.filter((each) => !forgets || !each.endsWith('/extensions'));
  const argv = ['sh', '-c', script, 'paths', ...folders, ...state_files];
  const { code, stdout } = await execIn(sandbox, argv);
  if (code !== 0) throw new Failure(1, `sandbox ${sandbox} cannot be asked for its state`);
  return stdout.split('\n').filter((each) => each !== '');
}

function packState(sandbox: string, paths: readonly string[]): Promise<Buffer> {
  if (paths.length === 0) return Promise.resolve(Buffer.alloc(1024));
  const tar = ['tar', '-C', '/sandbox', '-cf', '-', ...paths];
  const child = spawn('openshell', ['sandbox', 'exec', sandbox, '--', ...tar], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > stateLimitBytes) child.kill('SIGKILL');
    else chunks.push(chunk);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(chunks));
      else reject(new Failure(1, `the state of ${sandbox} could not be packed`));
    });
  });
}

export function readManifest(folder: string): BackupManifest {
  const text = readFileSync(join(folder, 'rebuild-manifest.json'), 'utf8');
  return JSON.parse(text) as BackupManifest;
}

/** The newest backup of a sandbox. */
export function newestBackup(name: string): string | undefined {
  try {
    const [newest] = readdirSync(backupsFolder(name), { withFileTypes: true })
      .filter((each) => each.isDirectory())
      .map((each) => each.name)
      .sort()
      .reverse();
    return newest === undefined ? undefined : join(backupsFolder(name), newest);
  } catch {
    return undefined;
  }
}

/** Puts a backup's files into a sandbox, as its user. `edit` may leave a file out or change it. */
export async function restoreInto(
  sandbox: string,
  folder: string,
  edit: (path: string, bytes: Buffer) => Buffer | undefined,
): Promise<void> {
  const packing = pack();
  const chunks: Buffer[] = [];
  packing.on('data', (chunk: Buffer) => chunks.push(chunk));
  const packed = new Promise<void>((resolve) => packing.on('end', resolve));
  for (const path of filesBelow(join(folder, 'state'))) {
    const bytes = edit(path, readFileSync(join(folder, 'state', path)));
    if (bytes !== undefined) packing.entry({ name: path, mode: 0o660 }, bytes);
  }
  packing.finalize();
  await packed;
  const argv = ['tar', '-C', '/sandbox', '-xf', '-'];
  const { code, stderr } = await execIn(sandbox, argv, { input: Buffer.concat(chunks) });
  if (code !== 0) throw new Failure(1, `the state could not be restored: ${stderr.trim()}`);
}
