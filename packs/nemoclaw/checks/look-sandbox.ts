// Looks at one sandbox: which container it is, what runs in it, what the host remembers of it.

import { createHash } from 'node:crypto';
import type { Json, JsonObject, PackContext } from 'seatrial';

export type AgentName = 'openclaw' | 'hermes';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const objectIn = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

export const listIn = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [];

export const textIn = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** Of what is no JSON, nothing. */
export function parsed(text: string | undefined): Json {
  try {
    return JSON.parse(text ?? '') as Json;
  } catch {
    return null;
  }
}

export function agentOf({ manifest }: Pick<PackContext, 'manifest'>): AgentName {
  const onboarding = objectIn(objectIn(manifest?.['spec'])['onboarding']);
  return onboarding['agent'] === 'hermes' ? 'hermes' : 'openclaw';
}

/** A second sandbox of the run. */
export const besideName = (
  { suffix }: Pick<PackContext, 'suffix'>,
  which: 'neighbour' | 'lying',
): string => `${which}-${suffix}`;

export type Sandbox = {
  readonly container: string;
  readonly image: string;
  readonly status: string;
};

/** As the gateway knows it; without one, or without such a sandbox, all is empty. */
export async function sandboxOf(
  { ports, name }: Pick<PackContext, 'ports' | 'name'>,
  asked = name,
): Promise<Sandbox> {
  const told = objectIn(await askGateway({ ports }, 'sandbox.get', { name: asked }));
  return {
    container: textIn(told['containerId']),
    image: textIn(told['imageId']),
    status: textIn(told['status']),
  };
}

export async function askGateway(
  { ports }: Pick<PackContext, 'ports'>,
  call: string,
  args: JsonObject,
): Promise<Json> {
  const body = JSON.stringify(args);
  const { status, text } = await ports.gateway({ path: `/${call}`, method: 'POST', body });
  return status === 200 ? parsed(text) : null;
}

/** Standard output of a shell script in a sandbox; empty where there is no container. */
export async function inSandbox(
  { ports }: Pick<PackContext, 'ports'>,
  container: string,
  script: string,
  user = '998',
): Promise<string> {
  if (container === '') return '';
  const { stdout } = await ports.sandbox.exec(container, { argv: ['sh', '-c', script], user });
  return stdout;
}

/** What the agent in a container says of itself. */
export async function agentSays(
  { ports }: Pick<PackContext, 'ports'>,
  container: string,
  argv: readonly [string, ...string[]],
): Promise<string> {
  if (container === '') return '';
  const { stdout } = await ports.sandbox.exec(container, { argv, user: '998' });
  return stdout.trim();
}

export async function versionIn(
  context: PackContext,
  container: string,
  agent: AgentName = agentOf(context),
): Promise<string> {
  const told = await agentSays(context, container, [agent, '--version']);
  return /\s(\d+(?:\.\d+){2})\b/.exec(told)?.[1] ?? '';
}

export type Build = { readonly version: string; readonly tree: string };

/** A built release of an agent, as it lies in the product. */
export async function buildOf(
  { ports, product }: PackContext,
  agent: AgentName,
  which: 'head' | 'old',
): Promise<Build> {
  const folder = which === 'head' ? `agents/${agent}` : `releases/${agent}-old`;
  const { text } = await ports.state.read(`${product}/${folder}/build.json`);
  const told = objectIn(parsed(text));
  return { version: textIn(told['version']), tree: textIn(told['tree']) };
}

export const registryPath = ({ home }: Pick<PackContext, 'home'>): string =>
  `${home}/.nemoclaw/sandboxes.json`;

export async function registryEntry(
  context: Pick<PackContext, 'ports' | 'home' | 'name'>,
  name = context.name,
): Promise<JsonObject> {
  const { text } = await context.ports.state.read(registryPath(context));
  return objectIn(objectIn(objectIn(parsed(text))['sandboxes'])[name]);
}

/** The folder of the newest backup; undefined when there is none. */
export async function newestBackup({
  ports,
  home,
  name,
}: PackContext): Promise<string | undefined> {
  const folder = `${home}/.nemoclaw/rebuild-backups/${name}`;
  const names = Object.entries(await ports.state.tree(folder))
    .filter(([path, { kind }]) => kind === 'directory' && path !== '.' && !path.includes('/'))
    .map(([path]) => path);
  const newest = names.sort().at(-1);
  return newest === undefined ? undefined : `${folder}/${newest}`;
}

/** Home of the agent in the sandbox, by the layout that it has. */
export const homeIn = (agent: AgentName, layout: 'old' | 'current'): string => {
  if (agent === 'hermes') return '/sandbox/.hermes';
  return layout === 'old' ? '/sandbox/.openclaw-data' : '/sandbox/.openclaw';
};
