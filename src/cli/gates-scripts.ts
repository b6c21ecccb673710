// The verifier of `.aether` scripts as gates of kind signing use it.

import { bytesMax } from '../aether/limits.ts';
import { verifyBytes } from '../aether/signature.ts';
import { systemClock } from '../drivers/clock.ts';
import { systemFiles } from '../drivers/files.ts';
import type { GateWorld, ScriptAnswer } from '../gates/gate-world.ts';
import type { Terminal } from './command.ts';
import { readTrustedKeys } from './signing.ts';

/** A root is a folder, of which every `.aether` file is judged, or one file. */
export async function verifyScripts(
  { roots, keys: path, strict }: Parameters<GateWorld['verifyScripts']>[0],
  terminal: Terminal,
): Promise<readonly ScriptAnswer[]> {
  const keys = await readTrustedKeys(path, terminal);
  const now = systemClock.now().toISOString();
  const answers: ScriptAnswer[] = [];
  for (const file of (await Promise.all(roots.map(scriptsBelow))).flat()) {
    const bytes = await systemFiles.read(file, bytesMax);
    const answer = verifyBytes(bytes, { keys, now });
    const tolerated = !answer.ok && answer.problem.code === 'E_SIG_MISSING' && !strict;
    answers.push({
      path: file,
      accepted: answer.ok || tolerated,
      reason: answer.ok ? 'signed' : `${answer.problem.code}: ${answer.problem.message}`,
    });
  }
  return answers;
}

async function scriptsBelow(root: string): Promise<readonly string[]> {
  const stat = await systemFiles.stat(root);
  if (stat === undefined) return [];
  if (stat.kind === 'file') return [root];
  const listing = await systemFiles.listing(root, { digests: false });
  return listing
    .filter(({ path, kind }) => kind === 'file' && path.endsWith('.aether'))
    .map(({ path }) => `${root}/${path}`);
}
