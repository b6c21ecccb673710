// Findings of one class, rule and normalised message have one cause, whichever subjects they are found
// in. Many tests that fail for one reason are one thing to look at, though each is set aside by itself.

import type { Finding } from './finding.ts';
import { compareText } from './order.ts';

export type Cause = {
  readonly class: string;
  readonly rule: string;
  /** Normalised. */
  readonly message: string;
  findings: number;
  suppressed: number;
  subjects: number;
  /** The first subjects, in the order in which they came. */
  readonly examples: string[];
};

export type CauseTally = {
  /** Findings of one subject must come together. */
  readonly count: (finding: Finding, message: string) => Cause;
  /** By count, then class, rule and message. */
  readonly most: () => readonly Cause[];
};

const examplesMax = 5;
export const causesMax = 50;

export function tallyCauses(): CauseTally {
  const causes = new Map<string, Cause & { last: string | undefined }>();
  return {
    count: ({ class: name, rule, subject }, message) => {
      const key = `${name} ${rule}\n${message}`;
      let cause = causes.get(key);
      if (cause === undefined) {
        const counts = { findings: 0, suppressed: 0, subjects: 0, last: undefined };
        cause = { class: name, rule, message, ...counts, examples: [] };
        causes.set(key, cause);
      }
      cause.findings += 1;
      if (cause.last === subject) return cause;
      cause.last = subject;
      cause.subjects += 1;
      if (cause.examples.length < examplesMax) cause.examples.push(subject);
      return cause;
    },
    most: () => [...causes.values()].sort(compareCauses).slice(0, causesMax).map(told),
  };
}

const compareCauses = (a: Cause, b: Cause): number =>
  b.findings - a.findings ||
  compareText(a.class, b.class) ||
  compareText(a.rule, b.rule) ||
  compareText(a.message, b.message);

const told = (cause: Cause): Cause => {
  const { class: name, rule, message, findings, suppressed, subjects, examples } = cause;
  return { class: name, rule, message, findings, suppressed, subjects, examples };
};
