// A sandbox that the host's registry knows is restarted by the product, with overrides and other things in the
// environment of whoever types it. It is made by openshell alone: nothing is onboarded.

import type { PackAction, PackContext, PackResult } from 'seatrial';
import { hostSandbox } from '../checks/overrides.ts';
import { objectIn, textIn } from '../checks/look-inside.ts';

const stepTimeoutMs = 120_000;

/** `with: {image, prepare, env}`: `prepare` is a script that makes the agent's home where it is not there yet. */
export const restartHost: PackAction = async (context) => {
  const { product, with: inputs } = context;
  const name = hostSandbox(context);
  const [openshell, nemoclaw] = [`${product}/openshell/openshell`, `${product}/nemoclaw`];
  const command = `${textIn(inputs['prepare'])}\nexec /usr/local/bin/nemoclaw-start`;
  const create = ['sandbox', 'create', '--name', name, '--from', textIn(inputs['image'])];
  const steps: readonly (readonly [string, ...string[]])[] = [
    [openshell, 'gateway', 'start'],
    [openshell, ...create, '--', '/bin/sh', '-c', command],
  ];
  for (const argv of steps) {
    const result = await step(context, argv, {});
    if (result.exit !== 0) return result;
  }
  const env = objectIn(inputs['env']) as Readonly<Record<string, string>>;
  return step(context, [nemoclaw, name, 'restart'], env);
};

const step = (
  { ports, product }: PackContext,
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
): Promise<PackResult> =>
  ports.run({
    argv: ['/bin/sh', '-c', 'PATH="$0:$PATH" exec "$@"', `${product}/openshell`, ...argv],
    env,
    timeoutMs: stepTimeoutMs,
  });
