import type { RunState } from '../evidence/run-state.ts';
import type { Verdict } from '../evidence/verdict.ts';

/** How verdicts are shown everywhere; the mark carries the meaning where there is no colour. */
export const verdictWords: Readonly<
  Record<Verdict, { readonly label: string; readonly mark: string; readonly meaning: string }>
> = {
  passed: { label: 'passed', mark: '✓', meaning: 'Every expected check passed.' },
  failed: { label: 'failed', mark: '✕', meaning: 'The app did not do what was asked of it.' },
  error: { label: 'error', mark: '!', meaning: 'The testbed failed; the app was not judged.' },
  'not-run': { label: 'not run', mark: '–', meaning: 'Something expected left no record.' },
  inconclusive: { label: 'inconclusive', mark: '?', meaning: 'The evidence does not decide.' },
  skipped: { label: 'skipped', mark: '»', meaning: 'Declared as not applicable.' },
};

/** Worst first, as lists of checks are ordered. */
export const worstFirst: readonly Verdict[] = [
  'failed',
  'error',
  'not-run',
  'inconclusive',
  'skipped',
  'passed',
];

/** What a run's exit code means, in a few words. */
export function exitMeaning(state: Pick<RunState, 'exitCode' | 'started'>): string {
  const words: Readonly<Record<number, string>> = {
    0: caveat(state) ?? 'go',
    1: 'no-go',
    2: 'invalid input',
    3: 'could not judge',
    70: 'a bug in Seatrial',
    130: 'interrupted',
    143: 'terminated',
  };
  return words[state.exitCode] ?? 'see the reference of exit codes';
}

/** Why a passed run is still no go; undefined when it is one. */
function caveat({ started }: Pick<RunState, 'started'>): string | undefined {
  if (started.canary !== undefined) return 'no go, since a fault was planted';
  if (started.driver.fake) return 'no go, since the driver is a fake';
  return started.selection === 'partial' ? 'no go, since only a part was asked' : undefined;
}
