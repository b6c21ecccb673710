import { setTimeout as sleep } from 'node:timers/promises';
import { lastLine } from '../shared/docker.ts';
import { Failure } from '../shared/failure.ts';
import { execIn, openshell, sandboxNamed } from './openshell-client.ts';
import { agentManifest, agentNamed } from './product.ts';

const healthyWithinMs = 20_000;

/** A sandbox is ready before its agent is: the agent itself is asked. Throws exit 1 with its last words. */
export async function waitHealthy(sandbox: string, agent: string): Promise<void> {
  const { health_probe: url } = agentManifest(agentNamed(agent));
  const until = Date.now() + healthyWithinMs;
  while (Date.now() < until) {
    const { code } = await execIn(sandbox, ['wget', '-q', '-O', '-', url]);
    if (code === 0) return;
    if ((await sandboxNamed(sandbox))?.status === 'stopped') break;
    await sleep(100);
  }
  const { stdout, stderr } = await openshell(['logs', sandbox]);
  const said = lastLine(stderr.trim() === '' ? stdout : stderr);
  throw new Failure(1, `the agent in ${sandbox} does not answer: ${said}`);
}
