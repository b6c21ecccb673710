// Hooks that labels ask for, run in the service that carries the label.

import type { HookRun } from '../../ports/app-driver.ts';
import { WorldError } from '../../ports/world-error.ts';
import { type BackupScope, type HookKind, hookScript } from './backup-scope.ts';
import { execIn, type ExecResult } from './exec.ts';
import { type Instance } from './instance.ts';
import { assertNotCancelled } from '../exclusively.ts';
import type { Orchestrator } from './orchestrator.ts';

const outputBytes = 64 * 1024;
const retryMs = 200;

/** With `pipefail` wherever a shell of the image knows it; words of the text where it has no shell. */
const shells = (script: string): readonly (readonly [string, ...string[]])[] => [
  ['bash', '-o', 'pipefail', '-c', script],
  ['sh', '-c', `(set -o pipefail) 2>/dev/null && set -o pipefail\n${script}`],
  words(script),
];

const words = (text: string): readonly [string, ...string[]] => {
  const [program = '', ...rest] = text.trim().split(/\s+/);
  return [program, ...rest];
};

export async function runHooks(
  instance: Instance,
  orchestrator: Orchestrator,
  { hooks }: BackupScope,
  { kind, signal }: { readonly kind: HookKind; readonly signal: AbortSignal },
): Promise<readonly HookRun[]> {
  const done: HookRun[] = [];
  for (const hook of hooks.filter((each) => each.kind === kind))
    done.push(await runHook(instance, orchestrator, hook, signal));
  return done;
}

async function runHook(
  instance: Instance,
  orchestrator: Orchestrator,
  { service, kind, command }: BackupScope['hooks'][number],
  signal: AbortSignal,
): Promise<HookRun> {
  const { clock } = instance.options;
  const startedMs = clock.monotonicMs();
  const deadline = startedMs + instance.settings.timeouts.hook * 1000;
  const left = (): number => Math.max(1, deadline - clock.monotonicMs());
  const result = await inShell(instance, orchestrator, {
    ...{ service, script: hookScript(command), left, signal },
  });
  return {
    hook: `${kind} of ${service}`,
    exitCode: result.exitCode,
    timedOut: result.timedOut,
    output: Buffer.concat([result.stdout, result.stderr]).toString('utf8'),
    durationMs: clock.monotonicMs() - startedMs,
    survivors: [],
  };
}

type ShellRun = {
  readonly service: string;
  readonly script: string;
  readonly left: () => number;
  readonly signal: AbortSignal;
};

async function inShell(
  instance: Instance,
  orchestrator: Orchestrator,
  { service, script, left, signal }: ShellRun,
): Promise<ExecResult> {
  for (const argv of shells(script)) {
    const result = await whenRunning(instance, { left, signal }, async () => {
      const limits = { timeoutMs: left(), outputLimitBytes: outputBytes, signal };
      return execIn(instance, orchestrator, { service, argv }, limits);
    });
    if (result !== undefined) return result;
  }
  throw new WorldError('hook-failed', `no program of the hook is in the image: ${script}`);
}

/** Undefined when the program is not there. A container may be replaced at any moment: then the next one is asked. */
async function whenRunning(
  { options: { clock } }: Instance,
  { left, signal }: Pick<ShellRun, 'left' | 'signal'>,
  attempt: () => Promise<ExecResult>,
): Promise<ExecResult | undefined> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      assertNotCancelled(signal);
      if (!(error instanceof WorldError)) throw error;
      if (error.code === 'not-found' && /executable file|no such file/.test(error.message))
        return undefined;
      const passing = ['app-failed', 'resource-busy', 'not-found'].includes(error.code);
      if (!passing || left() <= 1) throw error;
      await clock.sleep(retryMs);
    }
  }
}
