import { docker } from '../shared/docker.ts';
import { agentManifest, type AgentName } from './product.ts';
import { execIn, sandboxNamed } from './openshell-client.ts';

export type Probe = {
  /** What the agent in the sandbox says of itself. */
  readonly version: string;
  /** The label of the image that the sandbox was made from. */
  readonly content: string;
};

/** Undefined for a sandbox that does not run or whose agent gives no version. */
export async function probeSandbox(name: string, agent: AgentName): Promise<Probe | undefined> {
  const listed = await sandboxNamed(name);
  if (listed?.status !== 'ready') return undefined;
  const { code, stdout } = await execIn(name, agentManifest(agent).version_command);
  const [, version] = /\s(\d+(?:\.\d+){2})\b/.exec(stdout) ?? [];
  if (code !== 0 || version === undefined) return undefined;
  return { version, content: await contentLabel(listed.imageId) };
}

/** Empty for an image that has none, or is not there. */
export async function contentLabel(image: string): Promise<string> {
  const format = '{{index .Config.Labels "openshell.ai/content"}}';
  const { code, stdout } = await docker(['image', 'inspect', '--format', format, image]);
  return code === 0 ? stdout.trim().replace('<no value>', '') : '';
}
