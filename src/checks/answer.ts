// What a check concluded, before it becomes a record.

import type { Boundary } from '../evidence/record.ts';
import type { Verdict } from '../evidence/verdict.ts';
import type { Json } from '../ports/json.ts';

export type Answer = {
  readonly verdict: Verdict;
  /** One sentence; for anything but `passed`, what was seen and what was wanted. */
  readonly message: string;
  /** By name; stored as objects of the bundle. */
  readonly evidence: Readonly<Record<string, Json>>;
  readonly touched: readonly Boundary[];
};

type Facts = { readonly [name: string]: Json };

const answer =
  (verdict: Verdict) =>
  (boundary: Boundary, message: string, evidence: Facts = {}): Answer => ({
    verdict,
    message,
    evidence,
    touched: [boundary],
  });

export const passed = answer('passed');
export const failed = answer('failed');
export const errored = answer('error');
export const inconclusive = answer('inconclusive');

/** The check could not be asked; it touched nothing. */
export const notRun = (message: string): Answer => ({
  verdict: 'not-run',
  message,
  evidence: {},
  touched: [],
});
