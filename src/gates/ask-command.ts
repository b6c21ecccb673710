import { WorldError } from '../ports/world-error.ts';
import { judged, text, unasked, type Ask, type AskContext, type GateAnswer } from './ask.ts';
import type { CheckOf } from './check-schema.ts';
import { documentMismatches, mismatch, parseJson } from './match.ts';
import { fill, fillAll } from './placeholders.ts';
import { resolveArguments, resolvePath } from './resolve-path.ts';
import type { ProcessResult } from '../ports/processes.ts';

const outputMaxBytes = 1024 * 1024;
const graceMs = 5000;
const timeoutMsDefault = 86_400_000;

export type CommandRun =
  | { readonly result: ProcessResult }
  /** It could not be started, or its time was over. */
  | { readonly trouble: GateAnswer };

/** Runs a command of a gates file; without a shell, and as long as the gate has time. */
export async function runCommand(
  run: readonly [string, ...string[]],
  { cwd, stdin }: { readonly cwd?: string | undefined; readonly stdin?: string | undefined },
  context: AskContext,
): Promise<CommandRun> {
  const { world, values, env, here, folder, signal } = context;
  const argv = await resolveArguments(world.files, fillAll(run, values), here);
  try {
    const result = await world.processes.run({
      argv,
      cwd: cwd === undefined ? folder : resolvePath(here, fill(cwd, values)),
      env,
      ...(stdin === undefined ? {} : { stdin: new TextEncoder().encode(fill(stdin, values)) }),
      timeoutMs: timeoutMsDefault,
      outputLimitBytes: outputMaxBytes,
      graceMs,
      signal,
    });
    if (result.cancelled) return { trouble: unasked('the command was ended with its gate') };
    if (result.survivors.length > 0)
      return { trouble: unasked(leaked(result), { survivors: [...result.survivors] }) };
    return { result };
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return { trouble: unasked(error.message) };
  }
}

const leaked = ({ survivors }: ProcessResult): string =>
  `the command left processes behind: ${survivors
    .map(({ pid, command }) => `${String(pid)} ${command}`)
    .join(', ')}`;

/** As expected; a command that is missing, killed or hanging is the testbed's trouble. */
export const askCommand: Ask<'command'> = async (check, context) => {
  const ran = await runCommand(check.run, check, context);
  if ('trouble' in ran) return ran.trouble;
  const { result } = ran;
  const [stdout, stderr] = [text(result.stdout), text(result.stderr)];
  const facts = {
    exit: result.exitCode ?? null,
    signal: result.signal ?? null,
    stdout: stdout.split('\n').slice(0, 10).join('\n').slice(0, 4000),
    stderr: stderr.slice(-400),
    dropped_bytes: result.droppedBytes,
  };
  if (result.exitCode === undefined)
    return unasked(`the command was killed by ${result.signal ?? 'a signal'}`, facts);
  const document = parseJson(stdout);
  const { expect } = check;
  const faults = [
    ...exitFaults(result.exitCode, expect.exit),
    ...textFault('standard output', stdout, expect.stdout),
    ...textFault('standard error', stderr, expect.stderr),
    ...(expect.json === undefined
      ? []
      : document === undefined
        ? ['standard output is no JSON']
        : documentMismatches(document, expect.json, context.earlier)),
    ...(await fileFaults(check, context)),
  ];
  const file = (name: string, bytes: Uint8Array) => ({ name, mediaType: 'text/plain', bytes });
  return judged(faults, `exit ${String(result.exitCode)} as expected`, {
    facts: { ...facts, ...(document === undefined ? {} : { json: document }) },
    document,
    files: [file('stdout', result.stdout), file('stderr', result.stderr)],
  });
};

const exitFaults = (exit: number, wanted: number | readonly number[]): readonly string[] =>
  [wanted].flat().includes(exit)
    ? []
    : [`the exit code is ${String(exit)}, not ${[wanted].flat().join(' or ')}`];

function textFault(
  what: string,
  said: string,
  wanted: Parameters<typeof mismatch>[1] | undefined,
): readonly string[] {
  const why = wanted === undefined ? undefined : mismatch(said.replace(/\n$/u, ''), wanted);
  return why === undefined ? [] : [`${what} ${why}`];
}

const fileMaxBytes = 1024 * 1024;

async function fileFaults(
  { expect: { files: wanted = {} }, cwd }: CheckOf<'command'>,
  { world, folder, here, values }: AskContext,
): Promise<readonly string[]> {
  const root = cwd === undefined ? folder : resolvePath(here, fill(cwd, values));
  const faults: string[] = [];
  for (const [path, matcher] of Object.entries(wanted)) {
    const stat = await world.files.stat(`${root}/${path}`);
    const there = stat?.kind === 'file' && stat.sizeBytes <= fileMaxBytes;
    const content = there ? await world.files.readText(`${root}/${path}`) : undefined;
    const why = mismatch(content, matcher);
    if (why !== undefined) faults.push(`the file ${path} ${why}`);
  }
  return faults;
}
