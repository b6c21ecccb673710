// As 0.4.0 does it: what the registry remembers is taken for what there is.

import { agentManifest, agentNamed, compareVersions } from './product.ts';
import type { Entry } from './registry.ts';
import type { Finding } from './upgrade-check-current.ts';

export function checkSandbox({ name, agent, agentVersion }: Entry): Promise<Finding> {
  const expected = agentManifest(agentNamed(agent)).expected_version;
  const isOlder = compareVersions(agentVersion, expected) < 0;
  const state = isOlder ? 'stale' : 'current';
  return Promise.resolve({ name, state, version: agentVersion, expected, why: 'by the registry' });
}
