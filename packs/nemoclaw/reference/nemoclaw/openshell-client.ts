import { Failure } from '../shared/failure.ts';
import { lastLine } from '../shared/docker.ts';
import { runProgram, type Ran } from '../shared/run.ts';

/** The sandbox manager's own command line, found on PATH. */
export function openshell(
  args: readonly string[],
  options: { readonly input?: Uint8Array } = {},
): Promise<Ran> {
  return runProgram('openshell', args, options);
}

/** Throws `exitCode` with what openshell said. */
export async function mustOpenshell(
  args: readonly string[],
  { exitCode = 1, input }: { readonly exitCode?: number; readonly input?: Uint8Array } = {},
): Promise<string> {
  const ran = await openshell(args, input === undefined ? {} : { input });
  if (ran.code !== 0)
    throw new Failure(exitCode, `openshell ${args.slice(0, 2).join(' ')}: ${lastLine(ran.stderr)}`);
  return ran.stdout;
}

export function execIn(
  sandbox: string,
  argv: readonly string[],
  { user = 'sandbox', input }: { readonly user?: string; readonly input?: Uint8Array } = {},
): Promise<Ran> {
  const stdin = input === undefined ? [] : ['--stdin'];
  const args = ['sandbox', 'exec', sandbox, '--user', user, ...stdin, '--', ...argv];
  return openshell(args, input === undefined ? {} : { input });
}

export type Listed = {
  readonly name: string;
  readonly status: string;
  readonly containerId: string;
  readonly imageId: string;
};

export async function listSandboxes(): Promise<readonly Listed[]> {
  return JSON.parse(await mustOpenshell(['sandbox', 'list', '--json'])) as readonly Listed[];
}

export async function sandboxNamed(name: string): Promise<Listed | undefined> {
  return (await listSandboxes()).find((each) => each.name === name && each.status !== 'orphaned');
}
