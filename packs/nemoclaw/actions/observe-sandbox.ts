// What proofs about a sandbox are made from: which container there is, and what its own agent says.

import type { JsonObject, PackContext } from 'seatrial';
import { agentOf, objectIn, sandboxOf, textIn, versionIn } from '../checks/look-sandbox.ts';

/** The run's own sandbox; nothing where there is no gateway or no such sandbox. */
export async function observeSandbox(context: PackContext): Promise<readonly JsonObject[]> {
  if (context.manifest === undefined) return [];
  const { home, ports, name } = context;
  const state = `${home}/.local/state/nemoclaw/openshell-docker-gateway/openshell-gateway.pid`;
  if ((await ports.state.read(state)).kind !== 'file') return [];
  const { container, status } = await sandboxOf(context);
  if (status !== 'ready') return [];
  const agent = agentOf(context);
  const found = await ports.sandbox.inspect(container);
  const labels = objectIn(objectIn(found?.['Config'])['Labels']);
  return [
    {
      schema: 'seatrial.instance/v1',
      component: `agents/${agent}`,
      ...{ name, id: container, content: textIn(labels['openshell.ai/content']) },
      version: await versionIn(context, container, agent),
      probe: `${agent} --version`,
    },
  ];
}
