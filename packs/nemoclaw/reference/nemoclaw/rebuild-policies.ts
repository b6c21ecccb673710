import { parse, stringify } from 'yaml';
import { mutant } from '../shared/mutant.ts';
import { composePolicy, type Policies } from './compose-policy.ts';
import { mustOpenshell } from './openshell-client.ts';
import { withPolicyFile } from './policy-file.ts';
import type { CustomPolicy, Entry } from './registry.ts';

type Kept = {
  readonly policies: readonly string[];
  readonly customPolicies: readonly CustomPolicy[];
};

/** What the registry and the gateway have after a rebuild: what they had before. */
export function keptPolicies({ policies, customPolicies }: Entry): Kept {
  return {
    policies: mutant('rebuild.drop-preset') ? policies.slice(1) : policies,
    customPolicies: mutant('rebuild.drop-custom') ? [] : customPolicies,
  };
}

export async function applyRebuildPolicies(entry: Entry, sandbox: string): Promise<void> {
  if (mutant('rebuild.skip-reapply')) return;
  const { policies, customPolicies } = keptPolicies(entry);
  const presets = mutant('rebuild.add-defaults') ? [...policies, 'discord', 'pypi'] : policies;
  const composed = composePolicy([...new Set(presets)], customPolicies);
  const text = mutant('rebuild.widen-policy') ? widened(composed) : composed;
  await withPolicyFile(text, (path) =>
    mustOpenshell(['policy', 'set', sandbox, '--policy', path, '--wait', '10']),
  );
}

function widened(text: string): string {
  const body = parse(text) as { network_policies: Policies };
  for (const { endpoints } of Object.values(body.network_policies))
    for (const endpoint of endpoints) endpoint.rules = [{ method: '*', path: '/**' }];
  return stringify(body);
}
