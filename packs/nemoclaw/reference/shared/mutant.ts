// Planted faults, one place in the code each. A fault is active only when two things agree: the
// variable that names it, and a file in the home that the harness wrote for this one run. A variable
// that leaked into somebody's shell is refused rather than ignored, so that no run is judged by a
// broken program without anybody knowing.

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { mutants, type MutantId } from '../mutants.ts';
import { Failure } from './failure.ts';

/** Where containers get the file: the one folder that is mounted into them. */
const places = (env: NodeJS.ProcessEnv): readonly string[] => [
  env['HOME'] ?? homedir(),
  '/run/openshell',
];

const nonceLengthMin = 16;

function nonceFound(env: NodeJS.ProcessEnv): string | undefined {
  for (const place of places(env)) {
    try {
      return readFileSync(join(place, '.seatrial-canary'), 'utf8').trim();
    } catch {
      continue;
    }
  }
  return undefined;
}

/** The ids that are active, none or one. Throws exit 64 when one is named without being allowed. */
export function activeMutants(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const id = env['NEMOCLAW_REF_MUTANT'];
  if (id === undefined || id === '') return [];
  const known: readonly { readonly id: string }[] = mutants;
  if (!known.some((each) => each.id === id))
    throw new Failure(64, `NEMOCLAW_REF_MUTANT names an unknown fault: ${id}`);
  const nonce = env['NEMOCLAW_REF_NONCE'] ?? '';
  if (nonce.length < nonceLengthMin || nonceFound(env) !== nonce)
    throw new Failure(64, `NEMOCLAW_REF_MUTANT is set outside a canary run`);
  return [id];
}

export function mutant(id: MutantId): boolean {
  return activeMutants().includes(id);
}

/** What a child needs so that the same fault is active in it. */
export function mutantEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const names = ['NEMOCLAW_REF_MUTANT', 'NEMOCLAW_REF_NONCE'];
  if (activeMutants(env).length === 0) return {};
  return Object.fromEntries(names.map((name) => [name, env[name] ?? '']));
}
