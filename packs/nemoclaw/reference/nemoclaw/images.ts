import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker, lastLine } from '../shared/docker.ts';
import { Failure } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { contentLabel } from './probe.ts';
import {
  agentBuild,
  agentManifest,
  blueprint,
  compareVersions,
  imageFiles,
  productFolder,
  type AgentName,
} from './product.ts';

/** Runs that share an engine keep their images apart by this. */
function imageName(name: string): string {
  const space = process.env['NEMOCLAW_IMAGE_NAMESPACE'] ?? '';
  return space === '' ? name : `${space}/${name}`;
}

export const baseTag = (agent: AgentName): string =>
  imageName(`nemoclaw-base-${agent}:${agentManifest(agent).expected_version}`);

/** The base with this release's agent. A tag that names something else is built anew: tags can be moved. */
export async function ensureBase(agent: AgentName): Promise<string> {
  const tag = baseTag(agent);
  const content = await contentLabel(tag);
  if (content !== '' && mutant('rebuild.trust-tag')) return tag;
  if (content === agentBuild(agent).tree) return tag;
  await buildBase(agent, agentBuild(agent).folder, tag);
  return tag;
}

/** `agentFolder` is a built release of the agent. */
export async function buildBase(agent: AgentName, agentFolder: string, tag: string): Promise<void> {
  const context = mkdtempSync(join(tmpdir(), 'nemoclaw-base-'));
  try {
    cpSync(imageFiles(), context, { recursive: true });
    cpSync(agentFolder, join(context, 'agent'), { recursive: true });
    cpSync(join(productFolder(), 'nemoclaw-start'), join(context, 'nemoclaw-start'));
    if (mutant('agent.version-lies'))
      appendFileSync(join(context, 'agent', agent), '// other content\n');
    if (mutant('entry.trust-env'))
      cpSync(join(productFolder(), 'nemoclaw-start'), join(context, 'start.sh'));
    const { runtime_image: runtime } = blueprint();
    await build(context, [
      ...['--file', join(context, 'Dockerfile.base'), '--tag', tag],
      ...['--build-arg', `RUNTIME=${runtime}`, '--build-arg', `AGENT=${agent}`],
      ...labels(agentFolder),
    ]);
    if (mutant('entry.missing')) await removeEntrypoint(tag);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

async function removeEntrypoint(tag: string): Promise<void> {
  const context = mkdtempSync(join(tmpdir(), 'nemoclaw-base-'));
  writeFileSync(join(context, 'Dockerfile'), `FROM ${tag}\nRUN rm /usr/local/bin/nemoclaw-start\n`);
  await build(context, ['--tag', tag]);
  rmSync(context, { recursive: true });
}

function labels(agentFolder: string): readonly string[] {
  const { tree, stateSchema, version } = buildOf(agentFolder);
  const pairs = [
    `openshell.ai/content=${tree}`,
    `nemoclaw.agent-schema=${String(stateSchema)}`,
    `nemoclaw.agent-version=${version}`,
  ];
  return pairs.flatMap((pair) => ['--label', pair]);
}

const buildOf = (folder: string): { tree: string; stateSchema: number; version: string } =>
  JSON.parse(readFileSync(join(folder, 'build.json'), 'utf8')) as never;

async function build(context: string, args: readonly string[]): Promise<string> {
  const all = ['build', '--quiet', '--network', 'none', ...args, context];
  const { code, stdout, stderr } = await docker(all);
  if (code !== 0) throw new Failure(1, `an image cannot be built: ${lastLine(stderr)}`);
  return stdout.trim();
}

/** Throws exit 4 for a base whose agent, asked in a container, is older than the blueprint allows. */
export async function checkBase(agent: AgentName, tag: string): Promise<void> {
  const least = blueprint()[`min_${agent}_version`];
  const run = ['run', '--rm', '--network', 'none', tag, ...agentManifest(agent).version_command];
  const { code, stdout, stderr } = await docker(run);
  const [, version] = /\s(\d+(?:\.\d+){2})\b/.exec(stdout) ?? [];
  if (code !== 0 || version === undefined)
    throw new Failure(4, `${tag} has no ${agent}: ${lastLine(stderr)}`);
  if (compareVersions(version, least) < 0)
    throw new Failure(4, `${agent} ${version} in ${tag} is below min_${agent}_version ${least}`);
}

/** Which schema the agent in a base has; the current one where the label is missing. */
export async function schemaOf(tag: string): Promise<number> {
  const format = '{{index .Config.Labels "nemoclaw.agent-schema"}}';
  const { stdout } = await docker(['image', 'inspect', '--format', format, tag]);
  return stdout.trim() === '1' ? 1 : 2;
}

/** The image of one sandbox: a base with this sandbox's configuration in it. */
export async function buildSandboxImage(
  sandbox: string,
  base: string,
  config: { readonly path: string; readonly text: string },
): Promise<string> {
  const context = mkdtempSync(join(tmpdir(), 'nemoclaw-sandbox-'));
  const tag = imageName(`nemoclaw-sandbox-${sandbox}:${String(Date.now())}`);
  try {
    writeFileSync(join(context, 'config.json'), config.text);
    const folder = config.path.slice(0, config.path.lastIndexOf('/'));
    const lines = [
      `FROM ${base}`,
      `RUN mkdir -p /sandbox/${folder}`,
      `COPY config.json /sandbox/${config.path}`,
      `RUN chown -R 998:998 /sandbox && chmod 660 /sandbox/${config.path}`,
    ];
    writeFileSync(join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
    await build(context, ['--tag', tag]);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
  return tag;
}
