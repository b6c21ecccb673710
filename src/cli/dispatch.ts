// Finds the command, runs it, and turns every way of ending into an exit code of the table.

import { nearest } from '../diagnostics/nearest.ts';
import { exitCodeOf, stopOf, type Stop } from '../lifecycle/stop.ts';
import { isAppFault, WorldError } from '../ports/world-error.ts';
import { commands } from './commands.ts';
import { InvalidInput, UnusableInput, UsageError, type Command, type Terminal } from './command.ts';
import { exit } from './exit-codes.ts';
import { renderGroup, renderHelp, renderOverview, usageLine } from './help.ts';
import { parseArguments } from './parse-arguments.ts';
import { openTerminal } from './terminal.ts';

export async function dispatch(argv: readonly string[]): Promise<number> {
  const { terminal, hasBug, lostOutput, close } = openTerminal();
  try {
    const code = await dispatchTo(argv, terminal);
    const lost = await lostOutput();
    if (lost !== undefined)
      terminal.err(`seatrial: standard output could not be written: ${lost}\n`);
    if (hasBug()) return exit.bug;
    return lost !== undefined && code === exit.passed ? exit.unjudged : code;
  } finally {
    close();
  }
}

async function dispatchTo(argv: readonly string[], terminal: Terminal): Promise<number> {
  const command = find(argv);
  if (command === undefined) return noCommand(argv, terminal);
  const rest = argv.slice(command.name.split(' ').length);
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.out(renderHelp(command));
    return exit.passed;
  }
  try {
    return await command.run(parseArguments(command, rest), terminal);
  } catch (error) {
    return ended(error, command, terminal);
  }
}

const find = (argv: readonly string[]): Command | undefined =>
  commands.find(({ name }) => name === argv.slice(0, 2).join(' ')) ??
  commands.find(({ name }) => name === argv[0]);

function noCommand([first, second]: readonly string[], terminal: Terminal): number {
  if (first === undefined || first === 'help' || isHelp(first)) {
    terminal.out(renderOverview(commands));
    return first === undefined ? exit.usage : exit.passed;
  }
  const group = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (group.length > 0 && (second === undefined || isHelp(second))) {
    terminal.out(renderGroup(first, group));
    return second === undefined ? exit.usage : exit.passed;
  }
  terminal.err(`seatrial: unknown command ${JSON.stringify(first)}\n`);
  terminal.err(`  hint: ${hintFor([first, second], group)}\n`);
  return exit.usage;
}

const isHelp = (word: string): boolean => word === '--help' || word === '-h';

function hintFor(
  [first = '', second]: readonly (string | undefined)[],
  group: readonly Command[],
): string {
  const names = (group.length > 0 ? group : commands).map(({ name }) => name);
  const guess = nearest([first, second].filter(Boolean).join(' '), names) ?? nearest(first, names);
  const known = group.length > 0 ? `known: ${names.join(', ')}` : 'seatrial --help lists all';
  return guess === undefined ? known : `did you mean ${guess}? ${known}`;
}

function ended(error: unknown, command: Command, terminal: Terminal): number {
  if (error instanceof InvalidInput) return exit.usage;
  if (error instanceof UsageError) {
    const usage = error instanceof UnusableInput ? '' : `Usage: ${usageLine(command)}\n`;
    terminal.err(`${usage}seatrial: ${error.message}\n`);
    if (error.hint !== undefined) terminal.err(`  hint: ${error.hint}\n`);
    return exit.usage;
  }
  if (error instanceof WorldError) return endedByWorld(error, terminal);
  const stopped = wasStopped(error, terminal) ? stopOf(terminal.signal) : undefined;
  if (stopped !== undefined) return interrupted(stopped, terminal);
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.err(`seatrial: this is a bug in Seatrial, please report it\n${told}\n`);
  return exit.bug;
}

/** `throwIfAborted` throws the reason itself, streams and timers an error of this name. */
function wasStopped(error: unknown, { signal }: Terminal): boolean {
  if (!signal.aborted) return false;
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}

function interrupted(stop: Stop, terminal: Terminal): number {
  terminal.err(`seatrial: ${stop.message}\n`);
  return exitCodeOf(stop) ?? exit.unjudged;
}

/** A command that was told to end fails in many ways; the reason is that it was told. */
function endedByWorld(error: WorldError, terminal: Terminal): number {
  const stopped = stopOf(terminal.signal);
  if (stopped !== undefined) return interrupted(stopped, terminal);
  terminal.err(`seatrial: ${error.code}: ${error.message}\n`);
  if (error.hint !== undefined) terminal.err(`  hint: ${error.hint}\n`);
  return isAppFault(error.code) ? exit.failed : exit.unjudged;
}
