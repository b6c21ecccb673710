// Runs programs of a script as a user would, and tells how each ended.

import { spawn } from 'node:child_process';

export type Ended = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
};

type Show = (text: string, to: 'stdout' | 'stderr') => void;

type Options = {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Asks it to end (SIGTERM). */
  readonly signal?: AbortSignal;
  /** Show output while it runs; or hand it to somebody who shows it later. */
  readonly show?: boolean | Show;
  /** Called with each line of standard error; may end the process. */
  readonly onLine?: (line: string, kill: () => void) => void;
};

const print: Show = (text, to) => void process[to].write(text);

export function run(
  program: string,
  args: readonly string[],
  { cwd, env, signal, show = false, onLine }: Options = {},
): Promise<Ended> {
  const started = performance.now();
  const child = spawn(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  signal?.addEventListener('abort', () => {
    child.kill('SIGTERM');
  });
  const kill = (): void => void child.kill('SIGKILL');
  const showText: Show = typeof show === 'function' ? show : show ? print : () => undefined;
  let [stdout, stderr, line] = ['', '', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    showText(text, 'stdout');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    showText(text, 'stderr');
    const lines = `${line}${text}`.split('\n');
    line = lines.pop() ?? '';
    for (const each of lines) onLine?.(each, kill);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const seconds = (performance.now() - started) / 1000;
      resolve({ code: code ?? (signal === 'SIGKILL' ? 137 : 128), stdout, stderr, seconds });
    });
  });
}

export const heading = (text: string): void => {
  process.stdout.write(`\n── ${text} ${'─'.repeat(Math.max(0, 90 - text.length))}\n\n`);
};

export const say = (text: string): void => void process.stdout.write(`${text}\n`);
