// Programs measured from their start to their end, in turns, so that a busy machine slows all alike.

import { spawnSync } from 'node:child_process';

export type Timing = {
  readonly wallMs: number;
  /** Of the program and all its children, in steps of 10 ms. */
  readonly processorMs: number;
};

export type Program = {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
};

/** The shell tells what its children cost. */
const script = '"$@" >/dev/null || exit; times';

export function timed({ name, argv, env }: Program): Timing {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', ...argv], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  const wallMs = performance.now() - started;
  if (status !== 0) throw new Error(`${name} ended with ${String(status)}: ${stderr}`);
  const children = stdout.trim().split('\n').at(-1) ?? '';
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  const seconds = parts.reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
  return { wallMs, processorMs: seconds * 1000 };
}

/** Each program once per round, in order; after one round that is not counted. */
export function inTurns(programs: readonly Program[], rounds: number): readonly Timing[][] {
  const timings = programs.map((): Timing[] => []);
  for (const program of programs) timed(program);
  for (let round = 0; round < rounds; round += 1)
    for (const [at, program] of programs.entries()) timings[at]?.push(timed(program));
  return timings;
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
