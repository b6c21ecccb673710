import { Failure } from './failure.ts';
import { runProgram, type Ran } from './run.ts';

/** The engine's own client, as operators use it; which engine, the environment says. */
export function docker(
  args: readonly string[],
  options: { readonly input?: Uint8Array; readonly timeoutMs?: number } = {},
): Promise<Ran> {
  // Without BuildKit, which this engine's client would look for in a plugin.
  return runProgram('docker', args, { ...options, env: { ...process.env, DOCKER_BUILDKIT: '0' } });
}

/** Its standard output, trimmed. Throws exit 1 with what the engine said. */
export async function mustDocker(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await docker(args);
  if (code !== 0) throw new Failure(1, `docker ${args[0] ?? ''}: ${lastLine(stderr)}`);
  return stdout.trim();
}

export const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
