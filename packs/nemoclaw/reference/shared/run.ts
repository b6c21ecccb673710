import { spawn } from 'node:child_process';

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

type Options = {
  readonly input?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly timeoutMs?: number;
};

/** More than any answer that is read here; the rest is dropped. */
const outputLimitBytes = 8 << 20;

/** Runs a program to its end. A program that cannot be started gives code 127, one that is killed 137. */
export function runProgram(
  program: string,
  args: readonly string[],
  { input, env = process.env, cwd, timeoutMs = 120_000 }: Options = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      env,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      ...(cwd === undefined ? {} : { cwd }),
    });
    const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
    child.on('error', (error) => {
      resolve({ code: 127, stdout: '', stderr: error.message });
    });
    child.on('close', (code) => {
      resolve({ code: code ?? 137, stdout: stdout(), stderr: stderr() });
    });
    // A program that does not read its input is no failure of ours.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= outputLimitBytes) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
