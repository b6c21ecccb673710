// The product's own tree: what it builds sandboxes from. Found beside the program that runs.

import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { Failure } from '../shared/failure.ts';

export type AgentName = 'openclaw' | 'hermes';

export const agentNames: readonly string[] = ['openclaw', 'hermes'];

export type Blueprint = {
  readonly runtime_image: string;
  readonly min_openclaw_version: string;
  readonly min_hermes_version: string;
  readonly filesystem_policy: { readonly read_only: string[]; readonly read_write: string[] };
};

export type AgentManifest = {
  readonly expected_version: string;
  readonly version_command: readonly string[];
  readonly state_dirs: readonly string[];
  readonly state_files: readonly string[];
  readonly migrate_command: readonly string[];
  readonly health_probe: string;
};

export function productFolder(): string {
  return dirname(realpathSync(process.argv[1] ?? ''));
}

const blueprintFile = (...parts: readonly string[]): string =>
  join(productFolder(), 'blueprint', ...parts);

export const blueprintText = (): string => readFileSync(blueprintFile('blueprint.yaml'), 'utf8');

export const blueprint = (): Blueprint => parse(blueprintText()) as Blueprint;

export const imageFiles = (): string => blueprintFile('images');

export function agentNamed(name: string): AgentName {
  if (!agentNames.includes(name)) throw new Failure(2, `there is no agent ${name}`);
  return name as AgentName;
}

export function agentManifest(agent: AgentName): AgentManifest {
  return parse(readFileSync(blueprintFile('agents', `${agent}.yaml`), 'utf8')) as AgentManifest;
}

/** The text of a shipped preset. Throws exit 4 for one that this release does not ship. */
export function presetText(name: string): string {
  try {
    return readFileSync(blueprintFile('policies', `${name}.yaml`), 'utf8');
  } catch {
    throw new Failure(4, `there is no preset ${name}`);
  }
}

export type AgentBuild = {
  readonly folder: string;
  readonly version: string;
  readonly tree: string;
  readonly stateSchema: number;
};

/** The agent that this release brings. */
export function agentBuild(agent: AgentName): AgentBuild {
  const folder = join(productFolder(), 'agents', agent);
  const told = JSON.parse(readFileSync(join(folder, 'build.json'), 'utf8')) as AgentBuild;
  return { ...told, folder };
}

/** Below zero when `a` is the older one. Versions are numbers separated by points. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
