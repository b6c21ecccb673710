// The one decision about repo-local code, for checks, hooks, install steps and manifest alike. Denied
// unless a line of the allowlist names the app and the content it was read in.

import type { Allowlist, Authority, Grant } from './allowlist.ts';
import { kindOf, scopeDigest, type ScopeEntry } from './scope.ts';

export type Decision = {
  readonly authority: Authority;
  /** Hex SHA-256 of what the repository holds now. */
  readonly digest: string;
  readonly grant?: Grant;
  /** Why it is denied. */
  readonly reason?: 'not-approved' | 'content-differs' | 'unreadable';
  /** What was found and would run or be read. */
  readonly found: readonly { readonly path: string; readonly kind: string }[];
};

export function decideTrust(
  app: string,
  entries: readonly ScopeEntry[],
  { grants }: Pick<Allowlist, 'grants'>,
): Decision {
  const digest = scopeDigest(entries);
  const found = entries.flatMap(({ path }) => {
    const kind = kindOf(path);
    return kind === undefined ? [] : [{ path, kind }];
  });
  const grant = grants.get(app);
  if (grant === undefined) return { authority: 'denied', digest, reason: 'not-approved', found };
  const bound = grant.content === digest;
  const unbound = grant.content === 'any' && grant.authority === 'sandboxed';
  if (!bound && !unbound)
    return { authority: 'denied', digest, grant, reason: 'content-differs', found };
  return { authority: grant.authority, digest, grant, found };
}
