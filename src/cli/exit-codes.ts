// The one table of exit codes. Never a count. docs/reference/exit-codes.md is rendered from it.

export const exitCodes = {
  passed: { code: 0, means: 'go: passed, valid, done' },
  failed: { code: 1, means: 'no-go: failed, a regression, or a bundle that does not verify' },
  usage: { code: 2, means: 'usage, or invalid input; diagnostics say where' },
  unjudged: { code: 3, means: 'could not judge: testbed error, inconclusive, not run' },
  bug: { code: 70, means: 'a bug in Seatrial' },
  sigint: { code: 130, means: 'interrupted by SIGINT, after cleanup' },
  sigterm: {
    code: 143,
    means: 'ended by SIGTERM, SIGHUP or the death of its parent, after cleanup',
  },
} as const;

export const exit = {
  passed: 0,
  failed: 1,
  usage: 2,
  unjudged: 3,
  bug: 70,
} as const;

/** What `aether` commands answer about files: when all failing ones have the same. */
export const aetherExitCodes = {
  20: 'a file cannot be read as the language',
  21: 'a run failed',
  22: 'a signature is missing or wrong',
  23: 'a run took too long',
  24: 'a file uses what is known and not run here',
  25: 'a file can be read and says something that cannot work',
  26: 'a file cannot be read from disk',
  27: 'a bug in the checker, met on a file',
} as const;
