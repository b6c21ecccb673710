// The machine of the Spark scenario: the engine's configuration, the engine itself, and what the stubs were asked.

import type { JsonObject, PackContext } from 'seatrial';
import { versionIn } from './machine.ts';

/** With the outputs of the scenario's fixtures, by fixture. */
export type SparkContext = PackContext & {
  readonly fixtures: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

export const sparkFolder = ({ home }: Pick<PackContext, 'home'>): string => `${home}/spark`;

const key = /("default-cgroupns-mode": *)"([^"]*)"/;

export type Engine = {
  readonly mode: string;
  readonly sha256: string;
  /** The configuration with the one value left out, so that every other byte can be compared. */
  readonly others: string;
  readonly starts: number;
  readonly pid: number;
  readonly alive: boolean;
  /** SHA-256 of the configuration that it was last started with. */
  readonly startedWith: string;
};

export async function lookAtEngine(context: SparkContext): Promise<Engine> {
  const { ports, fixtures } = context;
  const { config = '', starts = '' } = fixtures['docker-daemon'] ?? {};
  const { text = '', sha256 = 'absent' } = await ports.state.read(config);
  const lines = linesIn((await ports.state.read(starts)).text);
  const last = lastStart(lines);
  // One that nobody has waited for is dead, although signals can be sent to it.
  const status = `/proc/${String(last.pid)}/status`;
  const { exit } = await ports.run({ argv: ['/bin/grep', '-q', '^State:.[^ZX]', status] });
  return {
    ...{ mode: key.exec(text)?.[2] ?? 'absent', sha256, others: text.replace(key, '$1*') },
    ...{ starts: lines.length, alive: exit === 0, ...last },
  };
}

function lastStart(lines: readonly string[]): Pick<Engine, 'pid' | 'startedWith'> {
  const [pid = '0', startedWith = ''] = (lines.at(-1) ?? '').split('\t');
  return { pid: Number(pid), startedWith };
}

const linesIn = (text = ''): readonly string[] => text.split('\n').filter((line) => line !== '');

/** Calls of a folder of stubs: name, tab, arguments. */
export const callsOf = async (
  { ports, fixtures }: SparkContext,
  stubs: string,
): Promise<readonly string[]> =>
  linesIn((await ports.state.read(fixtures[stubs]?.['log'] ?? '')).text);

/** How each call of setup-spark ended so far. */
export const exitsOf = async (context: SparkContext): Promise<readonly string[]> =>
  linesIn((await context.ports.state.read(`${sparkFolder(context)}/exits`)).text);

/** What the program says of itself; asking it changes nothing. */
export async function askProgram({ ports, product }: PackContext): Promise<JsonObject> {
  const { exit, stdout } = await ports.run({ argv: [`${product}/setup-spark`, '--version'] });
  return { exit: exit ?? null, version: versionIn(stdout) };
}
