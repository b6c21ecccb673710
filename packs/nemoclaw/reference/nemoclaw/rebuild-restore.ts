import { posix } from 'node:path';
import { Failure } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { restoreInto } from './backup.ts';
import { execIn, mustOpenshell } from './openshell-client.ts';
import { agentManifest, agentNamed } from './product.ts';
import { waitHealthy } from './wait-healthy.ts';
import type { Entry } from './registry.ts';

type Restoration = {
  readonly entry: Entry;
  /** The sandbox that is filled. */
  readonly sandbox: string;
  readonly backup: string;
};

/** Files, then the agent's own migration, then a start on what is there now. */
export async function restoreState({ entry, sandbox, backup }: Restoration): Promise<void> {
  await restoreInto(sandbox, backup, edited);
  const { migrate_command: migrate } = agentManifest(agentNamed(entry.agent));
  if (!mutant('rebuild.skip-migration')) {
    const { code, stderr } = await execIn(sandbox, migrate);
    if (code !== 0) throw new Failure(1, `the state could not be migrated: ${stderr.trim()}`);
  }
  if (mutant('rebuild.keep-token')) await copyToken(entry, sandbox);
  await mustOpenshell(['sandbox', 'restart', sandbox]);
  await waitHealthy(sandbox, entry.agent);
  if (mutant('rebuild.drop-route'))
    await mustOpenshell(['inference', 'set', '--endpoint', 'http://127.0.0.1:1/v1']);
  if (mutant('rebuild.stale-hash')) await spoilToken(entry, sandbox);
}

const isMarker = (path: string): boolean => posix.basename(path).startsWith('marker');

/** What the planted faults do to a file; undefined leaves it out. */
function edited(path: string, bytes: Buffer): Buffer | undefined {
  const isState = posix.basename(path).startsWith('state-');
  if (isMarker(path)) return editedMarker(bytes);
  if (isState && mutant('rebuild.lose-file')) return undefined;
  if (isState && mutant('rebuild.corrupt-file')) return flipped(bytes);
  if (path === '.hermes/config.json' && mutant('rebuild.reset-hermes')) return undefined;
  return bytes;
}

function editedMarker(bytes: Buffer): Buffer | undefined {
  if (mutant('rebuild.lose-marker')) return undefined;
  return mutant('rebuild.truncate-marker') ? bytes.subarray(0, 8) : bytes;
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[0] = (copy[0] ?? 0) ^ 1;
  return copy;
}

const homeOf = ({ agent }: Entry): string =>
  agent === 'hermes' ? '/sandbox/.hermes' : '/sandbox/.openclaw';

async function copyToken(entry: Entry, sandbox: string): Promise<void> {
  const script = 'cat /sandbox/.hermes/gateway-token /sandbox/.openclaw*/gateway-token 2>/dev/null';
  const { stdout } = await execIn(entry.name, ['sh', '-c', script], { user: 'root' });
  await writeToken(entry, sandbox, stdout);
}

/** After the start, so that neither the hash nor what runs knows of it. */
function spoilToken(entry: Entry, sandbox: string): Promise<void> {
  return writeToken(entry, sandbox, 'a token that was written after the hash\n');
}

async function writeToken(entry: Entry, sandbox: string, token: string): Promise<void> {
  const argv = ['sh', '-c', `cat > ${homeOf(entry)}/gateway-token`];
  await execIn(sandbox, argv, { user: 'root', input: Buffer.from(token) });
}
