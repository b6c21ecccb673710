// The command line of nemoclaw. Exit 0 done, 1 failed (the last line says what stands now), 2 usage,
// 3 no such sandbox, 4 refused before anything was touched; `upgrade-sandboxes --check` also 5 and 6.

import { usage } from '../shared/failure.ts';
import { startCluster } from '../setup/cluster.ts';
import { startProgram } from '../shared/program.ts';
import { buildAgentImage } from './image-command.ts';
import { onboard } from './onboard.ts';
import { list, sandboxCommands } from './sandbox-commands.ts';
import { upgradeSandboxes } from './upgrade-sandboxes.ts';

type Command = (args: readonly string[]) => Promise<number>;

const commands: Readonly<Record<string, Command>> = {
  onboard,
  list,
  'upgrade-sandboxes': upgradeSandboxes,
  image: buildAgentImage,
  cluster: startCluster,
};

const usageText = `nemoclaw ${Object.keys(commands).join('|')} | NAME ${Object.keys(sandboxCommands).join('|')}`;

async function main([first = '', ...rest]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(commands, first) ? commands[first] : undefined;
  if (command !== undefined) return command(rest);
  const [second = '', ...args] = rest;
  const ofSandbox = Object.hasOwn(sandboxCommands, second) ? sandboxCommands[second] : undefined;
  if (ofSandbox !== undefined) return ofSandbox(first, args);
  throw usage(usageText);
}

void startProgram('nemoclaw', main, { usage: usageText });
