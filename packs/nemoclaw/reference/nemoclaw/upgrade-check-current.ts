// Whether sandboxes are current is asked of the sandboxes. What the registry remembers decides nothing.

import { mutant } from '../shared/mutant.ts';
import { putEntry, type Entry } from './registry.ts';
import { probeSandbox, type Probe } from './probe.ts';
import {
  agentBuild,
  agentManifest,
  agentNamed,
  compareVersions,
  type AgentName,
} from './product.ts';

export type Finding = {
  readonly name: string;
  readonly state: 'current' | 'stale' | 'unknown';
  /** What it has, as far as that is known, and what this release brings. */
  readonly version: string;
  readonly expected: string;
  readonly why: string;
};

export async function checkSandbox(entry: Entry): Promise<Finding> {
  const agent = agentNamed(entry.agent);
  const expected = agentManifest(agent).expected_version;
  const finding = { name: entry.name, expected };
  if (mutant('upgrade.always-current'))
    return { ...finding, state: 'current', version: expected, why: '' };
  if (mutant('upgrade.always-stale'))
    return { ...finding, state: 'stale', version: entry.agentVersion, why: 'older' };
  if (mutant('upgrade.check-writes')) await putEntry({ ...entry, agentVersion: expected });
  if (mutant('upgrade.trust-registry')) {
    const isOlder = compareVersions(entry.agentVersion, expected) < 0;
    const state = isOlder ? 'stale' : 'current';
    return { ...finding, state, version: entry.agentVersion, why: 'by the registry' };
  }
  return judge(finding, agent, await probeSandbox(entry.name, agent));
}

function judge(
  finding: { readonly name: string; readonly expected: string },
  agent: AgentName,
  probe: Probe | undefined,
): Finding {
  if (probe === undefined) {
    const state = mutant('upgrade.unknown-is-current') ? 'current' : 'unknown';
    return { ...finding, state, version: 'unknown', why: 'the sandbox does not answer' };
  }
  const { version, content } = probe;
  if (compareVersions(version, finding.expected) < 0)
    return { ...finding, state: 'stale', version, why: 'older' };
  const isDrifted = content !== agentBuild(agent).tree && !mutant('upgrade.ignore-drift');
  return isDrifted
    ? { ...finding, state: 'stale', version, why: 'same version, other content' }
    : { ...finding, state: 'current', version, why: '' };
}
