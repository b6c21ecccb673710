// What a hook did, as the evidence has it, and whether that is how hooks end.

import type { HookRun } from '../ports/app-driver.ts';
import type { ProcessResult } from '../ports/processes.ts';
import { WorldError } from '../ports/world-error.ts';
import type { RunSecrets } from './run-secrets.ts';

/** Its output with secrets masked. */
export function describeHook(
  hook: string,
  result: ProcessResult,
  { redactor }: Pick<RunSecrets, 'redactor'>,
): HookRun {
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const output = `${decode(result.stdout)}${decode(result.stderr)}`;
  return {
    hook,
    exitCode: result.exitCode,
    timedOut: result.timedOut,
    output: redactor.redactText(output),
    durationMs: result.durationMs,
    survivors: result.survivors.map(({ pid, command }) => `${String(pid)} ${command}`),
  };
}

/** Throws `hook-failed` unless it ended well. */
export function endedHook(run: HookRun): HookRun {
  if (run.exitCode !== 0 || run.timedOut || run.survivors.length > 0)
    throw new WorldError('hook-failed', `hook ${run.hook} ${failureOf(run)}`);
  return run;
}

function failureOf({ timedOut, exitCode, survivors, output }: HookRun): string {
  const last = output.trim().split('\n').at(-1) ?? '';
  const said = last === '' ? '' : `: ${last.slice(0, 300)}`;
  if (timedOut) return `ran over its time and was ended${said}`;
  if (exitCode !== 0) return `ended with exit code ${String(exitCode ?? 'none')}${said}`;
  return `left processes behind: ${survivors.join(', ')}`;
}
