// Operations of the installer's scenario: machines are made, then the installer runs on one of them.

import type { JsonObject, PackAction, PackContext } from 'seatrial';
import { machineHome, programFolders, programNames } from '../checks/machine.ts';
import { scripts } from '../checks/product-commands.ts';

const textOf = (inputs: JsonObject, name: string): string => {
  const value = inputs[name];
  return typeof value === 'string' ? value : '';
};

type Machine = {
  /** Release of openshell that is found there. */
  readonly found: string;
  /** Program that is absent. */
  readonly without?: string;
  /** Whether a second copy comes later on PATH. */
  readonly second?: boolean;
};

/** `with: {machines: {<name>: {found, without?, second?}}}`. */
export const prepareMachines: PackAction = (context) => {
  const machines = context.with['machines'] as Readonly<Record<string, Machine>>;
  const lines = Object.entries(machines).flatMap(([name, machine]) =>
    linesFor(context, name, machine),
  );
  return context.ports.run({
    argv: ['/bin/sh', '-euc', lines.join('\n')],
    env: { HOME: context.home },
  });
};

function linesFor(context: PackContext, name: string, machine: Machine): readonly string[] {
  const [bin = '', second = ''] = programFolders(context, name);
  const source = `${context.product}/releases/openshell-${machine.found}`;
  const copy = (to: string): readonly string[] => [
    `mkdir -p '${to}'`,
    ...programNames.map((each) => `cp '${source}/${each}' '${to}/${each}'`),
  ];
  return [
    ...copy(bin),
    // A planted fault is allowed by a file in the home of whoever runs the program.
    `if [ -f "$HOME/.seatrial-canary" ]; then cp "$HOME/.seatrial-canary" '${machineHome(context, name)}/'; fi`,
    ...(machine.second === true ? copy(second) : []),
    ...(machine.without === undefined ? [] : [`rm '${bin}/${machine.without}'`]),
  ];
}

/** `with: {machine, host, stubs, env?}`: the installer with a PATH that begins with the stubs. */
export const installOpenshell: PackAction = async (context) => {
  const { product, with: inputs } = context;
  const machine = textOf(inputs, 'machine');
  const home = machineHome(context, machine);
  const path = [
    textOf(inputs, 'stubs'),
    ...programFolders(context, machine),
    ...['/usr/local/bin', '/usr/bin', '/bin'],
  ];
  const result = await context.ports.run({
    argv: [`${product}/${scripts.openshell}`],
    cwd: home,
    env: {
      PATH: path.join(':'),
      HOME: home,
      SEATRIAL_RELEASE_HOST: textOf(inputs, 'host'),
      ...((inputs['env'] ?? {}) as Readonly<Record<string, string>>),
    },
    timeoutMs: 60_000,
  });
  // One that was killed has no exit status; a shell says 137 of it. One that took too long keeps having none.
  return result.exit === undefined && !result.timedOut ? { ...result, exit: killed } : result;
};

const killed = 137;
