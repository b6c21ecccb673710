import type { Command } from '../command.ts';
import { suppressionOptions } from '../findings-options.ts';

export const findingsRegress: Command = {
  name: 'findings regress',
  summary: 'Compare a baseline with a reference, and fail for what got worse alone',
  details: [
    'Exit code 0: nothing got worse; 1: a regression; 2: the two cannot be compared: a file is missing',
    'or corrupt, its sums are wrong, it is of another checker or input, or the corpus has shrunk.',
    'Modes combine. One more file with INTERNAL_ERROR always fails.',
  ],
  options: [
    { name: 'new', value: 'FILE', summary: 'the baseline in question' },
    { name: 'ref', value: 'FILE', summary: 'the baseline it is held against' },
    { name: 'abs-threshold', value: 'N', summary: 'more than so many more fail (default 5)' },
    { name: 'rel-threshold', value: 'R', summary: 'and more than this part more (default 0.10)' },
    { name: 'any', summary: 'either threshold is enough' },
    {
      name: 'codes',
      value: 'LIST',
      summary: 'default PARSE_ERROR,VALIDATION_ERROR; for reports of tests every class that fails',
    },
    { name: 'ratchet', summary: 'one more of any class fails' },
    { name: 'update', summary: 'on success, lower the reference to the new one; never raise it' },
    { name: 'per-fingerprint', summary: 'one more of any fingerprint fails, whatever was fixed' },
    { name: 'init', summary: 'write the reference when there is none yet' },
    { name: 'allow-shrink', value: 'N', summary: 'files that may be missing (default 0)' },
    { name: 'strip', value: 'PREFIX', summary: 'take this off paths, to make them relative' },
    ...suppressionOptions,
  ],
  examples: [
    'seatrial findings regress --new parse_baseline.json --ref main_parse_baseline.json',
    'seatrial findings regress --new b.json --ref ref.json --per-fingerprint --ratchet --update',
  ],
  run: async (input, terminal) => {
    const { runRegress } = await import('../findings-run-regress.ts');
    return runRegress(input, terminal);
  },
};
