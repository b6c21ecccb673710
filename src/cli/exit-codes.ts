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
