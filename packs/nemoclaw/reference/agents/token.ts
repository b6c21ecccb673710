import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../shared/canonical.ts';
import { Failure } from '../shared/failure.ts';

/** The digest of the token that the agent's port asks for; the token itself is never told. */
export function tokenDigest(home: string): string {
  try {
    return sha256(readFileSync(join(home, 'gateway-token'), 'utf8').trim());
  } catch {
    throw new Failure(1, `there is no ${join(home, 'gateway-token')}`);
  }
}
