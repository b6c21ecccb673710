// As 0.4.0 does it: the old sandbox is deleted, then a new one is made in its place. Whoever is
// interrupted in between has none; and the version in the registry is the one that was hoped for.

import { Failure, messageOf } from '../shared/failure.ts';
import { say } from '../shared/program.ts';
import { agentConfig } from './agent-config.ts';
import { backUp, restoreInto } from './backup.ts';
import { composePolicy } from './compose-policy.ts';
import { buildSandboxImage, ensureBase, schemaOf } from './images.ts';
import { mustOpenshell } from './openshell-client.ts';
import { withPolicyFile } from './policy-file.ts';
import { agentManifest, agentNamed } from './product.ts';
import type { RebuildOptions } from './rebuild-current.ts';
import { entryNamed, putEntry } from './registry.ts';

export async function rebuild(name: string, { isVerbose }: RebuildOptions): Promise<number> {
  const entry = entryNamed(name);
  const agent = agentNamed(entry.agent);
  const backup = await backUp(entry);
  if (isVerbose) say(`rebuild ${name}: backed-up`);
  await mustOpenshell(['sandbox', 'delete', name]);
  try {
    const base = await ensureBase(agent);
    const channels = entry.messaging.plan.map(({ channel }) => channel);
    const config = agentConfig(agent, await schemaOf(base), { model: entry.model, channels });
    const imageTag = await buildSandboxImage(name, base, config);
    const create = ['sandbox', 'create', '--name', name, '--from', imageTag];
    await mustOpenshell([...create, '--', '/usr/local/bin/nemoclaw-start']);
    await restoreInto(name, backup, (_, bytes) => bytes);
    const policy = composePolicy(entry.policies, entry.customPolicies);
    await withPolicyFile(policy, (path) =>
      mustOpenshell(['policy', 'set', name, '--policy', path, '--wait', '10']),
    );
    const agentVersion = agentManifest(agent).expected_version;
    await putEntry({ ...entry, imageTag, agentVersion });
  } catch (error) {
    throw new Failure(1, `recreate failed: ${messageOf(error)}; the old sandbox is gone`);
  }
  say(`sandbox ${name} rebuilt`);
  return 0;
}
