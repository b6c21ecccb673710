import { usage } from '../shared/failure.ts';
import { parseArguments } from '../shared/parse-arguments.ts';
import { say } from '../shared/program.ts';
import { buildBase } from './images.ts';
import { agentBuild, agentNamed } from './product.ts';

const imageUsage = 'nemoclaw image --agent AGENT --tag TAG [--build FOLDER]';

/** A base image with this release's entrypoint and an agent: this release's, or the one in FOLDER. */
export async function buildAgentImage(args: readonly string[]): Promise<number> {
  const options = {
    agent: { type: 'string' },
    tag: { type: 'string' },
    build: { type: 'string' },
  } as const;
  const { option } = parseArguments(args, options, imageUsage);
  const [agent, tag] = [option('agent'), option('tag')];
  if (agent === undefined || tag === undefined) throw usage(imageUsage);
  const name = agentNamed(agent);
  await buildBase(name, option('build') ?? agentBuild(name).folder, tag);
  say(tag);
  return 0;
}
