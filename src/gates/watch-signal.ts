// The signals of a watch, each a fold over its samples. Nothing else is known to them, so that a
// watch of two days is judged from its records in a moment, and again years later.

import type { Verdict } from '../evidence/verdict.ts';
import type { Sample } from './watch-sample.ts';

export type Incident = { readonly at: string; readonly message: string };

export type SignalAnswer = {
  readonly verdict: Extract<Verdict, 'passed' | 'failed' | 'inconclusive' | 'skipped'>;
  /** One line. */
  readonly message: string;
  readonly incidents: readonly Incident[];
  /** Also those that are not kept. */
  readonly total: number;
};

/** What one signal sees of one sample, and what it knows after all of them. */
export type Signal = {
  readonly add: (sample: Sample, atMs: number) => void;
  /** What was seen, whether it ever was, and why it is no answer. */
  readonly known: () => {
    readonly seen: number;
    readonly said: string;
    /** The system says that it has no such thing. */
    readonly off?: boolean;
    readonly doubts?: readonly string[];
  };
};

export type Report = (at: string, message: string) => void;

const incidentsMax = 50;

/** Adds up faults beside a signal: the first of them are kept, all are counted. */
export function withIncidents(make: (report: Report) => Signal) {
  const incidents: Incident[] = [];
  let total = 0;
  const signal = make((at, message) => {
    total += 1;
    if (incidents.length < incidentsMax) incidents.push({ at, message });
  });
  return {
    add: signal.add,
    failed: () => total > 0,
    /** `enough`: how many samples must have shown it. */
    answer: (enough: number): SignalAnswer => {
      const { seen, said, off = false, doubts = [] } = signal.known();
      const found = { incidents, total };
      const [first] = incidents;
      if (first !== undefined)
        return { verdict: 'failed', message: `${first.message} (${first.at})`, ...found };
      if (off) return { verdict: 'skipped', message: 'the system says that it is off', ...found };
      const few = seen < enough ? [`seen in ${String(seen)} samples, not ${String(enough)}`] : [];
      const open = [...doubts, ...few];
      return open.length > 0
        ? { verdict: 'inconclusive', message: open.join('; '), ...found }
        : { verdict: 'passed', message: said, ...found };
    },
  };
}
