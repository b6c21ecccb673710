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

/** What an exit code means, in a few words. */
export function exitMeaning(code: number): string {
  const words: Readonly<Record<number, string>> = {
    0: 'go',
    1: 'no-go',
    2: 'invalid input',
    3: 'could not judge',
    70: 'a bug in Seatrial',
    130: 'interrupted',
    143: 'terminated',
  };
  return words[code] ?? 'see the reference of exit codes';
}
