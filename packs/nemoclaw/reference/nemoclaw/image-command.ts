import { usage } from '../shared/failure.ts';
import { parseArguments } from '../shared/parse-arguments.ts';
import { say } from '../shared/program.ts';
import { agentConfig } from './agent-config.ts';
import { buildBase, buildSandboxImage, checkBase, schemaOf } from './images.ts';
import { agentBuild, agentNamed, type AgentName } from './product.ts';

const imageUsage =
  'nemoclaw image --agent AGENT (--tag TAG [--build FOLDER] | --sandbox NAME --base IMAGE [--channel NAME])';

/**
 * A base image with this release's entrypoint and an agent: this release's, or the one in FOLDER. With --sandbox, the
 * image of one sandbox on a base that the blueprint lets through.
 */
export async function buildAgentImage(args: readonly string[]): Promise<number> {
  const options = {
    agent: { type: 'string' },
    tag: { type: 'string' },
    build: { type: 'string' },
    sandbox: { type: 'string' },
    base: { type: 'string' },
    channel: { type: 'string', multiple: true },
  } as const;
  const { option, all } = parseArguments(args, options, imageUsage);
  const [agent, tag, sandbox, base] = [
    option('agent'),
    option('tag'),
    option('sandbox'),
    option('base'),
  ];
  if (agent === undefined) throw usage(imageUsage);
  const name = agentNamed(agent);
  if (sandbox !== undefined && base !== undefined) {
    say(await sandboxImage(name, { sandbox, base, channels: all('channel') }));
    return 0;
  }
  if (tag === undefined) throw usage(imageUsage);
  await buildBase(name, option('build') ?? agentBuild(name).folder, tag);
  say(tag);
  return 0;
}

/** Throws exit 4 for a base below the blueprint. */
async function sandboxImage(
  agent: AgentName,
  {
    sandbox,
    base,
    channels,
  }: { readonly sandbox: string; readonly base: string; readonly channels: readonly string[] },
): Promise<string> {
  await checkBase(agent, base);
  const model = process.env['NEMOCLAW_MODEL'] ?? 'fake/echo-1';
  const config = agentConfig(agent, await schemaOf(base), { model, channels });
  return buildSandboxImage(sandbox, base, config);
}
