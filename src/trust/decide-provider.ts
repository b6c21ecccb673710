// The decision about a provider of workflows: one file, which runs with the harness's authority or not
// at all.

import type { Allowlist } from './allowlist.ts';

export type ProviderDecision = {
  /** As the allowlist calls it; undefined where the file's name gives none. */
  readonly name: string | undefined;
  /** Why it is denied; absent when it may run. */
  readonly reason?: 'no-name' | 'not-approved' | 'content-differs' | 'not-sandboxed';
};

/** `file` is the file's own name, `digest` the hex SHA-256 of its bytes. */
export function decideProvider(
  file: string,
  digest: string,
  { grants }: Pick<Allowlist, 'grants'>,
): ProviderDecision {
  const name = providerName(file);
  if (name === undefined) return { name, reason: 'no-name' };
  const grant = grants.get(name);
  if (grant === undefined) return { name, reason: 'not-approved' };
  // There is no sandbox for providers: a line that asks for one must not give more than it says.
  if (grant.authority === 'sandboxed') return { name, reason: 'not-sandboxed' };
  return grant.content === digest ? { name } : { name, reason: 'content-differs' };
}

/** Prefixed, so that no line for an app is one for a provider of that name. */
function providerName(file: string): string | undefined {
  const stem = file.replace(/\.[^.]*$/, '');
  return /^[a-z0-9][a-z0-9-]{0,29}$/.test(stem) ? `provider-${stem}` : undefined;
}
