// Why a run must stop early. Carried as the reason of its AbortSignal.

export type Stop = {
  readonly cause:
    'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'parent-gone' | 'max-lifetime' | 'lock-lost' | 'bug';
  readonly message: string;
};

const causes = new Set<unknown>([
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'parent-gone',
  'max-lifetime',
  'lock-lost',
  'bug',
]);

export function stopOf(signal: AbortSignal): Stop | undefined {
  if (!signal.aborted) return undefined;
  const reason: unknown = signal.reason;
  const isStop = typeof reason === 'object' && reason !== null && 'cause' in reason;
  return isStop && causes.has(reason.cause)
    ? (reason as Stop)
    : { cause: 'SIGTERM', message: 'the run was cancelled by its caller' };
}

/** Exit code of an interrupted run; undefined when the testbed, not a person, stopped it. */
export function exitCodeOf({ cause }: Stop): number | undefined {
  if (cause === 'SIGINT') return 130;
  return cause === 'SIGTERM' || cause === 'SIGHUP' || cause === 'parent-gone' ? 143 : undefined;
}
