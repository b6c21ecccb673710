// What every program of the reference does alike: its version, its planted fault, its end.

import { buildInfo } from './build-info.ts';
import { Failure, messageOf } from './failure.ts';
import { activeMutants } from './mutant.ts';

/** The version, marked so that no log of the reference is taken for one of the real product. */
export function versionLine(name: string): string {
  return `${name} ${buildInfo.version} (reference ${buildInfo.tree.slice(0, 8)})`;
}

function versionJson(name: string): string {
  const { version, release, stateSchema, tree } = buildInfo;
  const told = { program: name, version, release, stateSchema, tree, mutants: activeMutants() };
  return JSON.stringify(told);
}

type Options = {
  /** What `--help` tells beside the name. */
  readonly usage?: string;
};

/** Runs `main` with the arguments and sets the exit code. Never throws. */
export async function startProgram(
  name: string,
  main: (args: readonly string[]) => Promise<number>,
  { usage }: Options = {},
): Promise<void> {
  try {
    const args = process.argv.slice(2);
    activeMutants();
    if (args[0] === '--version') {
      const isJson = args.includes('--json');
      say(isJson ? versionJson(name) : versionLine(name));
    } else if (args[0] === '--help') say(`${versionLine(name)}\nusage: ${usage ?? name}`);
    else process.exitCode = await main(args);
  } catch (error) {
    process.stderr.write(`${name}: ${messageOf(error)}\n`);
    process.exitCode = error instanceof Failure ? error.exitCode : 70;
  }
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function warn(text: string): void {
  process.stderr.write(`${text}\n`);
}
