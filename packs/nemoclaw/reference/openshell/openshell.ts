// The command line of openshell. Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 conflict,
// 5 gateway unreachable, 124 a wait was over; `sandbox exec` gives the command's own, 125 if it could
// not start.

import { buildInfo } from '../shared/build-info.ts';
import { Failure } from '../shared/failure.ts';
import { parseArguments } from '../shared/parse-arguments.ts';
import { say, startProgram } from '../shared/program.ts';
import { askGateway } from './ask-gateway.ts';
import { gatewayCommands } from './gateway-commands.ts';
import { forward } from './forward.ts';
import { policyCommands } from './policy-commands.ts';
import { inferenceCommands, providerCommands } from './provider-commands.ts';
import { logs, sandboxCommands } from './sandbox-commands.ts';
import type { Command } from './command.ts';

const groups: Readonly<Record<string, Readonly<Record<string, Command>>>> = {
  gateway: gatewayCommands,
  sandbox: sandboxCommands,
  policy: policyCommands,
  provider: providerCommands,
  inference: inferenceCommands,
};

const alone: Readonly<Record<string, Command>> = { status, logs, forward };

const groupUsage = (group: string): string =>
  `${group} ${Object.keys(groups[group] ?? {}).join('|')}`;

const usage = `openshell --version [--json] | status [--json] | ${Object.keys(groups)
  .map(groupUsage)
  .join(' | ')} | forward NAME PORT:PORT | logs NAME`;

async function status(args: readonly string[]): Promise<number> {
  const { flag } = parseArguments(args, { json: { type: 'boolean' } }, 'openshell status [--json]');
  const gateway = (await askGateway('status')) as Record<string, unknown>;
  const told = { version: buildInfo.version, gateway };
  if (flag('json')) say(JSON.stringify(told));
  else {
    say(`Version: ${buildInfo.version}`);
    say(`Gateway: ${String(gateway['version'])} (pid ${String(gateway['pid'])})`);
    say(`Schema: ${String(gateway['schema'])}`);
  }
  return 0;
}

async function main([first = '', ...rest]: readonly string[]): Promise<number> {
  const [second = '', ...args] = rest;
  if (Object.hasOwn(groups, first) && second === '--help') {
    say(`usage: openshell ${groupUsage(first)}`);
    return 0;
  }
  const command = alone[first] ?? groups[first]?.[second];
  if (command === undefined) throw new Failure(2, `usage: ${usage}`);
  return command(alone[first] === undefined ? args : rest);
}

void startProgram('openshell', main, { usage });
